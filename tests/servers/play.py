"""What `make cluster` puts into its Kubernetes: a service in two namespaces, and images in a registry."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.servers.control_plane import ControlPlane
from tests.servers.registry import Registry

NAMESPACES = {"staging": "micro-staging", "production": "micro"}
TAGS = ("9ab01de", "3f2a91c", "crash-3", "missing", "unready")
CONFIG = """\
store: "sqlite:///{folder}/quarterdeck.db"
clusters: {{main: {{kubeconfig: {kubeconfig}}}}}
environments:
  staging: {{cluster: main, namespace: micro-staging, settle: 5s}}
  production: {{cluster: main, namespace: micro, explicit: true, on_failure: rollback, settle: 5s}}
registries: {{"{host}": {{plain_http: true}}}}
services:
  adderservice: {{repository: "{host}/adderservice", default_environment: staging}}
"""


def furnish(cluster: ControlPlane, registry: Registry, folder: Path) -> Path:
    """Returns the configuration file to give to `quarterdeck shell`."""
    now = datetime.now(UTC)
    for age, tag in enumerate(reversed(TAGS), 1):
        labels = {"org.opencontainers.image.revision": tag}
        registry.push("adderservice", tag, created=now - timedelta(hours=5 * age), labels=labels)
    for namespace in NAMESPACES.values():
        cluster.kubectl("create", "namespace", namespace)
        image = f"--image={registry.host}/adderservice:{TAGS[0]}"
        cluster.kubectl("--namespace", namespace, "create", "deployment", "adderservice", image, "--replicas=3")
        patch = '{"spec": {"progressDeadlineSeconds": 20}}'
        cluster.kubectl("--namespace", namespace, "patch", "deployment", "adderservice", "--patch", patch)
    config = folder / "quarterdeck.yaml"
    config.write_text(CONFIG.format(folder=folder, kubeconfig=cluster.kubeconfig, host=registry.host))
    return config
