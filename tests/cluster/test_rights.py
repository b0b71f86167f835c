"""The rights that k8s/ grants are the rights that the orders need: no less, and no more."""

import json
from typing import Any

import pytest
import yaml

from bot.cluster.kubernetes import KubernetesCluster
from bot.core.errors import NotAllowed, NotFound
from bot.core.workload import Image, Kind, PodName, Restart, Scale, SetImage, Workload
from tests.cluster.plane import ACCOUNT, MANIFESTS, Plane, manifest
from tests.cluster.test_twins import NOON
from tests.contract.cluster_kit import CAUSE, ENVIRONMENT, Bench, Ear, Wanted
from tests.contract.kubernetes_kit import KubernetesKit
from tests.contract.test_cluster_install import ONE, TWO, service, step, template
from tests.servers.process import until

Granted = set[tuple[str, str, str]]


def granted_by(role: str) -> Granted:
    rules = manifest(role)["rules"]
    return {
        (verb, group, resource)
        for rule in rules
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


def used(real: Plane, namespace: str) -> Granted:
    """What the API server wrote down of the bot, here."""
    records = map(json.loads, real.control.audit_log.read_text().splitlines())
    mine = [r for r in records if r["user"].get("username") == ACCOUNT and r["objectRef"].get("namespace") == namespace]
    return {(verb, r["objectRef"].get("apiGroup", ""), _resource(r["objectRef"])) for r in mine for verb in _verbs(r)}


def _verbs(record: dict[str, Any]) -> tuple[str, ...]:
    """To apply what is not there takes the right to make it: the server asks for both and writes down one."""
    made = record["verb"] == "patch" and record["responseStatus"]["code"] == 201
    return ("patch", "create") if made else (record["verb"],)


def _resource(ref: dict[str, str]) -> str:
    return f"{ref['resource']}/{ref['subresource']}" if "subresource" in ref else ref["resource"]


def look_around(kit: KubernetesKit, workload: Workload) -> None:
    """Ingresses are asked for only where there is a Service for them to lead to."""
    if workload.target.kind is Kind.DEPLOYMENT:
        kit.expose(workload.target.name, "Ingress")
    assert kit.cluster.autoscaler(workload) is None
    assert kit.cluster.addresses(workload)
    assert kit.cluster.budgets(workload) == []
    assert kit.cluster.usage(workload) == {}


def sweep(kit: KubernetesKit) -> None:
    """Everything the port can do, to every kind that can have it done."""
    bench = Bench(kit)
    kit.cluster.watch({ENVIRONMENT: kit.namespace}, Ear().notice)
    for kind in Kind:
        workload = bench.running(Wanted(kind=kind, replicas=1))
        kit.cluster.dry_run(bench.step(workload, Restart(NOON)), CAUSE)
        bench.do(workload, SetImage("app", Image("registry.local/adder", "2")))
        workload = bench.rolled_out(kind=kind)
        if kind is not Kind.DAEMON_SET:
            bench.do(workload, Scale(2))
        kit.cluster.events(workload)
        look_around(kit, workload)
        assert len(kit.cluster.revisions(workload)) == 2
        pod = kit.cluster.pods(workload)[0]
        kit.cluster.logs(pod, "app")
        kit.cluster.delete_pod(workload.target, PodName(pod.name, pod.uid))
        kit.delete("adder", kind)
        kit._plane.delete(f"{kit._core}/services/adder")
        kit.cluster.apply(step(bench, ONE, None, template(kind), service()), CAUSE)
        kit.cluster.dry_run(step(bench, TWO, bench.rolled_out(kind=kind), template(kind), service()), CAUSE)
        if kind is not Kind.DAEMON_SET:
            kit.delete("adder", kind)
    with pytest.raises(NotFound):
        kit.cluster.find(ENVIRONMENT, kit.namespace, "nobody")


def test_the_role_grants_exactly_what_the_orders_use(real: Plane, kit: KubernetesKit) -> None:
    sweep(kit)
    assert used(real, kit.namespace) == granted_by("target/role.yaml")


def test_permissions_tell_what_the_role_grants(kit: KubernetesKit) -> None:
    found = kit.cluster.permissions([kit.namespace, "kube-system"])
    assert {p.order for p in found if p.namespace == kit.namespace and p.allowed} == {p.order for p in found}
    elsewhere = {p.order: p.missing for p in found if p.namespace == "kube-system"}
    assert elsewhere["pause"] == ("patch deployments",)
    assert "patch deployments/scale" in elsewhere["scale"]
    assert all(elsewhere.values())


def test_a_missing_right_is_named(kit: KubernetesKit) -> None:
    with pytest.raises(NotAllowed) as refused:
        kit.cluster.find(ENVIRONMENT, "kube-system", "coredns", Kind.DEPLOYMENT)
    assert refused.value.sentence == "The bot may not get deployments in kube-system."
    assert "apps" in refused.value.fact


def test_a_namespace_that_may_not_be_read_does_not_stop_the_start(kit: KubernetesKit) -> None:
    ear = Ear()
    kit.cluster.watch({ENVIRONMENT: "kube-system"}, ear.notice)
    assert ear.heard == []


def test_an_exec_plugin_gives_the_token(real: Plane, kit: KubernetesKit) -> None:
    credential = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential"}
    said = json.dumps({**credential, "status": {"token": real.token}})
    plugin = {"apiVersion": credential["apiVersion"], "command": "echo", "args": [said], "interactiveMode": "Never"}
    cluster = KubernetesCluster("other", real.access_at(real.control.url, {"exec": plugin}))
    kit.create(Wanted(replicas=1))
    assert cluster.find(ENVIRONMENT, kit.namespace, "adder").target.cluster == "other"
    cluster.stop()


def test_everything_in_k8s_is_taken_by_a_real_server(real: Plane) -> None:
    """Pod security is enforced: a pod that is less than restricted is not admitted."""
    for name in ("micro", "micro-staging"):
        real.make("/api/v1/namespaces", {"metadata": {"name": name}})
    said = real.control.kubectl("apply", "-k", str(MANIFESTS / "overlays" / "example"))
    assert "Warning" not in said
    shown = real.control.kubectl("get", "deployment", "quarterdeck", "-n", "quarterdeck", "-o", "yaml")
    assert yaml.safe_load(shown)["spec"]["template"]["spec"]["securityContext"]["runAsNonRoot"]
    until(lambda: bool(real.read("/api/v1/namespaces/quarterdeck/pods")["items"]), "a pod of the bot admitted")
