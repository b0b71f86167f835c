"""k8s/ as a real server takes it: the bot alone, and several replicas of it."""

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cluster.plane import HOME, MANIFESTS, Plane

REPLICAS = """
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [{k8s}/base]
components: [{k8s}/replicas]
"""


@pytest.fixture
def taken(real: Plane, tmp_path: Path) -> dict[str, Any]:
    """What the server would make of several replicas, by its kind."""
    k8s = os.path.relpath(MANIFESTS, tmp_path)
    (tmp_path / "kustomization.yaml").write_text(REPLICAS.format(k8s=k8s))
    said = real.control.kubectl("apply", "--dry-run=server", "-o", "yaml", "-k", str(tmp_path))
    return {one["kind"]: one for one in yaml.safe_load(said)["items"]}


def test_several_replicas_leave_one_at_a_time_and_share_no_file(taken: dict[str, Any]) -> None:
    assert "PersistentVolumeClaim" not in taken
    spec = taken["Deployment"]["spec"]
    assert (spec["replicas"], spec["strategy"]["type"]) == (2, "RollingUpdate")
    assert [volume["name"] for volume in spec["template"]["spec"]["volumes"]] == ["config", "tmp"]
    (container,) = spec["template"]["spec"]["containers"]
    assert [mount["mountPath"] for mount in container["volumeMounts"]] == ["/etc/quarterdeck", "/tmp"]
    assert taken["PodDisruptionBudget"]["spec"]["maxUnavailable"] == 1


def test_both_select_the_pods_of_the_deployment(taken: dict[str, Any]) -> None:
    """And the one port that is let in is one that the pod has."""
    policy, template = taken["NetworkPolicy"]["spec"], taken["Deployment"]["spec"]["template"]
    assert policy["podSelector"] == taken["PodDisruptionBudget"]["spec"]["selector"]
    assert policy["podSelector"]["matchLabels"].items() <= template["metadata"]["labels"].items()
    assert {one["metadata"]["namespace"] for kind, one in taken.items() if kind != "Namespace"} == {HOME}
    ports = {port["name"] for port in template["spec"]["containers"][0]["ports"]}
    assert [port["port"] in ports for rule in policy["ingress"] for port in rule["ports"]] == [True]
    assert (policy["policyTypes"], "egress" in policy) == (["Ingress"], False)
