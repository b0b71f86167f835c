"""What k8s/ says in one file of what another one says: nobody applies a ServiceMonitor without the operator's kind."""

from pathlib import Path
from typing import Any

import yaml

K8S = Path(__file__).parents[2] / "k8s"
DOCS = "".join(page.read_text() for page in (K8S.parent / "docs").glob("*.md"))
ITSELF = {"app.kubernetes.io/name": "quarterdeck"}


def manifest(path: str) -> Any:
    return yaml.safe_load((K8S / path).read_text())


def test_prometheus_finds_the_port_and_the_token_by_the_names_they_have() -> None:
    monitor = manifest("monitoring/servicemonitor.yaml")
    assert (monitor["apiVersion"], monitor["kind"]) == ("monitoring.coreos.com/v1", "ServiceMonitor")
    assert monitor["metadata"]["namespace"] == manifest("base/kustomization.yaml")["namespace"]
    assert monitor["spec"].keys() == {"selector", "endpoints"}
    (endpoint,) = monitor["spec"]["endpoints"]
    token = endpoint["authorization"]["credentials"]
    assert endpoint == {"port": "http", "path": "/metrics", "authorization": {"credentials": token}}
    (port,) = manifest("base/service.yaml")["spec"]["ports"]
    secret = manifest("base/secret.example.yaml")
    assert endpoint["port"] == port["name"]
    assert (token["name"], token["key"] in secret["stringData"]) == (secret["metadata"]["name"], True)
    assert monitor["metadata"]["namespace"] == secret["metadata"]["namespace"]


def test_all_that_selects_the_bot_selects_it_by_the_label_it_bears() -> None:
    (labels,) = manifest("base/kustomization.yaml")["labels"]
    assert (labels["pairs"], labels["includeSelectors"]) == (ITSELF, True)
    monitor, budget = manifest("monitoring/servicemonitor.yaml"), manifest("replicas/poddisruptionbudget.yaml")
    spread = manifest("replicas/deployment.yaml")["spec"]["template"]["spec"]["topologySpreadConstraints"]
    found = [monitor["spec"]["selector"], budget["spec"]["selector"], *(one["labelSelector"] for one in spread)]
    found.append(manifest("base/networkpolicy.yaml")["spec"]["podSelector"])
    assert found == [{"matchLabels": ITSELF}] * 4


def test_each_folder_is_told_of_in_the_documents() -> None:
    folders = {path.parent.relative_to(K8S).parts[0] for path in K8S.rglob("kustomization.yaml")}
    assert [name for name in sorted(folders) if f"k8s/{name}" not in DOCS] == []
