"""The pull secrets of a workload, on a real API server: its own, else its account's, and only with the right to."""

import json
from base64 import b64encode
from typing import Any

import pytest

from bot.cluster.kubernetes import KubernetesCluster
from bot.core.errors import NotAllowed, NotFound
from bot.core.login import Login
from bot.core.secret import Secret
from bot.core.workload import Kind, Target
from tests.cluster.plane import ACCOUNT, RBAC, Plane, manifest
from tests.cluster.test_rights import granted_by
from tests.contract.cluster_kit import Wanted
from tests.contract.kubernetes_kit import KubernetesKit
from tests.contract.test_cluster_install import template
from tests.servers.process import until

PASSWORD = "hunter2-do-not-show"


def pull_secret(name: str, auths: dict[str, object]) -> dict[str, Any]:
    data = b64encode(json.dumps({"auths": auths}).encode()).decode()
    kind = "kubernetes.io/dockerconfigjson"
    return {"metadata": {"name": name}, "type": kind, "data": {".dockerconfigjson": data}}


def basic(user: str) -> dict[str, object]:
    return {"auth": b64encode(f"{user}:{PASSWORD}".encode()).decode()}


def target(kit: KubernetesKit) -> Target:
    return Target("staging", "main", kit.namespace, Kind.DEPLOYMENT, "adder")


def allow(real: Plane, kit: KubernetesKit) -> None:
    real.make(f"{RBAC}/{kit.namespace}/roles", manifest("pull-secrets/role.yaml"))
    real.make(f"{RBAC}/{kit.namespace}/rolebindings", manifest("pull-secrets/rolebinding.yaml"))
    until(lambda: real.may("get", "", "secrets", kit.namespace), "the right to read them")


def test_without_the_right_it_is_said(kit: KubernetesKit) -> None:
    kit.create(Wanted(replicas=0))
    with pytest.raises(NotAllowed) as refused:
        kit.cluster.pull_credentials(target(kit))
    assert refused.value.sentence == f"The bot may not get serviceaccounts in {kit.namespace}."


def test_the_accounts_secrets_and_then_the_workloads_own(real: Plane, kit: KubernetesKit) -> None:
    allow(real, kit)
    core = f"/api/v1/namespaces/{kit.namespace}"
    auths = {"https://index.docker.io/v1/": basic("hub"), "reg.example.com:5000": {"identitytoken": PASSWORD}}
    real.make(f"{core}/secrets", pull_secret("shared", auths))
    real.make(f"{core}/secrets", pull_secret("own", {"reg.example.com:5000": basic("adder"), "odd": {"auth": "%"}}))
    names = {"imagePullSecrets": [{"name": "shared"}, {"name": "gone"}]}
    kit.kubectl("patch", "serviceaccount", "default", "-p", json.dumps(names))
    kit.create(Wanted(replicas=0))
    found = kit.cluster.pull_credentials(target(kit))
    assert found == {
        "docker.io": Login("hub", Secret(PASSWORD)),
        "reg.example.com:5000": Login("<token>", Secret(PASSWORD), identity=True),
    }
    assert PASSWORD not in repr(found)
    spec = {"spec": {"template": {"spec": {"imagePullSecrets": [{"name": "own"}]}}}}
    kit.kubectl("patch", "deployment", "adder", "-p", json.dumps(spec))
    assert kit.cluster.pull_credentials(target(kit)) == found
    fresh = KubernetesCluster("main", real.access)
    assert fresh.pull_credentials(target(kit)) == {"reg.example.com:5000": Login("adder", Secret(PASSWORD))}
    fresh.stop()
    records = map(json.loads, real.control.audit_log.read_text().splitlines())
    mine = [(r["verb"], r["objectRef"]) for r in records if r["user"].get("username") == ACCOUNT]
    used = {(v, o.get("apiGroup", ""), o["resource"]) for v, o in mine if o.get("namespace") == kit.namespace}
    assert used - {("get", "apps", "deployments")} == granted_by("pull-secrets/role.yaml")


def test_one_that_is_not_there_yet_pulls_as_its_template_says(real: Plane, kit: KubernetesKit) -> None:
    allow(real, kit)
    core = f"/api/v1/namespaces/{kit.namespace}"
    for name in ("shared", "own"):
        real.make(f"{core}/secrets", pull_secret(name, {"reg.example.com": basic(name)}))
    kit.kubectl("patch", "serviceaccount", "default", "-p", json.dumps({"imagePullSecrets": [{"name": "shared"}]}))
    plain = template()
    pod = plain.body["spec"]["template"]
    own = template(template={**pod, "spec": {**pod["spec"], "imagePullSecrets": [{"name": "own"}]}})
    for planned, user in ((plain, "shared"), (own, "own")):
        fresh = KubernetesCluster("main", real.access)
        assert fresh.pull_credentials(target(kit), planned) == {"reg.example.com": Login(user, Secret(PASSWORD))}
        fresh.stop()
    with pytest.raises(NotFound):
        kit.cluster.pull_credentials(target(kit))
