"""What a real control plane shows too seldom to wait for: told by a double, in the words of a real one."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.cluster.kubernetes import KubernetesCluster
from bot.core.errors import Conflict, Invalid, Refused
from bot.core.model import Step
from bot.core.secret import MASK, Secret
from bot.core.surroundings import Address, Autoscaler
from bot.core.workload import Action, Image, Kind, SetEnv, SetImage, Target
from tests.cluster.double import Double, Reply, double, listing, refusal
from tests.contract.cluster_kit import CAUSE

TARGET = Target("staging", "main", "micro", Kind.DEPLOYMENT, "adder")
TWO = SetImage("app", Image("r/adder", "2"))
TEST_FAILED = refusal(422, "the server rejected our request due to an error in our request", "Invalid")


def adder(image: str = "r/adder:1", env: list[dict[str, Any]] | None = None, **meta: object) -> Reply:
    container = {"name": "app", "image": image, "env": env or []}
    spec = {"template": {"spec": {"containers": [container]}}}
    found = {"metadata": {"name": "adder", "namespace": "micro", "uid": "u", **meta}, "spec": spec}
    return Reply(json.dumps(found).encode())


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[Double, KubernetesCluster]]:
    with double(tmp_path) as (found, access):
        cluster = KubernetesCluster("main", access)
        yield found, cluster
        cluster.stop()


def do(cluster: KubernetesCluster, action: Action) -> str:
    planned = cluster.find("staging", "micro", "adder", Kind.DEPLOYMENT)
    step = Step(TARGET, action, "", "", planned.uid, planned.resource_version, planned.template)
    return cluster.apply(step, CAUSE).containers[0].image


def test_a_patch_whose_test_failed_is_tried_again_where_nothing_that_matters_changed(
    server: tuple[Double, KubernetesCluster],
) -> None:
    found, cluster = server
    found.answer("GET", adder())
    found.answer("PATCH", TEST_FAILED, adder("r/adder:2"))
    assert do(cluster, TWO) == "r/adder:2"
    assert [question.split()[0] for question in found.asked] == ["GET", "PATCH", "GET", "PATCH"]


def test_it_is_tried_again_once(server: tuple[Double, KubernetesCluster]) -> None:
    found, cluster = server
    found.answer("GET", adder())
    found.answer("PATCH", TEST_FAILED)
    with pytest.raises(Conflict):
        do(cluster, TWO)
    assert len([question for question in found.asked if question.startswith("PATCH")]) == 2


def test_a_value_that_the_server_quotes_is_masked(server: tuple[Double, KubernetesCluster]) -> None:
    found, cluster = server
    found.answer("GET", adder())
    causes = [{"field": "spec.template.spec.containers[0].env[0].value", "message": 'Invalid value: "hunter2"'}]
    found.answer("PATCH", refusal(422, 'Invalid value: "hunter2"', "Invalid", causes=causes))
    with pytest.raises(Invalid) as refused:
        do(cluster, SetEnv("app", ("MODE",), values=(Secret("hunter2"),)))
    assert "hunter2" not in refused.value.fact
    assert MASK in refused.value.fact


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ({"secretKeyRef": {"name": "login", "key": "password"}}, "the Secret login, key password"),
        ({"configMapKeyRef": {"name": "settings", "key": "mode"}}, "the ConfigMap settings, key mode"),
    ],
)
def test_a_variable_that_stands_elsewhere_is_changed_there(
    server: tuple[Double, KubernetesCluster], source: dict[str, object], words: str
) -> None:
    found, cluster = server
    found.answer("GET", adder(env=[{"name": "MODE", "valueFrom": source}]))
    for action in (SetEnv("app", ("MODE",), values=(Secret("fast"),)), SetEnv("app", (), ("MODE",))):
        with pytest.raises(Refused, match=words) as refused:
            do(cluster, action)
        assert "then restart adder." in refused.value.fact
        assert refused.value.hint.startswith("kubectl edit ")


def test_a_variable_that_each_pod_fills_in_is_no_value_of_its_own(server: tuple[Double, KubernetesCluster]) -> None:
    found, cluster = server
    found.answer("GET", adder(env=[{"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}]))
    with pytest.raises(Refused, match=r"each pod fills it in from what it is \(fieldRef\)") as refused:
        do(cluster, SetEnv("app", ("IP",), values=(Secret("fast"),)))
    assert "the manifest of adder" in refused.value.hint


def test_an_event_of_the_scheduler_is_counted_in_its_series(server: tuple[Double, KubernetesCluster]) -> None:
    found, cluster = server
    about = {"kind": "Deployment", "name": "adder"}
    times = {"eventTime": "2026-11-20T12:00:00.000001Z", "firstTimestamp": None, "lastTimestamp": None, "count": None}
    series = {"count": 7, "lastObservedTime": "2026-11-20T12:05:00.5Z"}
    event = {"involvedObject": about, "type": "Warning", "reason": "FailedScheduling", "message": "0/1", **times}
    found.answer("events", listing({**event, "series": series}, event))
    found.answer("deployments/adder", adder())
    once, often = cluster.events(cluster.find("staging", "micro", "adder", Kind.DEPLOYMENT))
    assert (once.count, once.at) == (1, datetime(2026, 11, 20, 12, 0, 0, 1, tzinfo=UTC))
    assert (often.count, often.at) == (7, datetime(2026, 11, 20, 12, 5, 0, 500000, tzinfo=UTC))
    assert often.warning


def test_who_wrote_the_spec_last_is_told_from_who_wrote_anything(server: tuple[Double, KubernetesCluster]) -> None:
    found, cluster = server

    def wrote(manager: str, at: str, fields: Mapping[str, object], subresource: str = "") -> dict[str, object]:
        return {"manager": manager, "time": f"2026-11-20T12:00:{at}Z", "fieldsV1": fields, "subresource": subresource}

    spec: dict[str, object] = {"f:spec": {"f:template": {"f:spec": {}}}}
    writers = [
        wrote("helm", "01", {**spec, "f:metadata": {"f:labels": {"f:app": {}}}}),
        wrote("kubectl-set", "01", spec),
        wrote("kube-controller-manager", "05", {"f:spec": {}}, "status"),
        wrote("quarterdeck-notes", "09", {"f:metadata": {"f:annotations": {}}}),
    ]
    found.answer("GET", adder(managedFields=writers))
    assert cluster.find("staging", "micro", "adder", Kind.DEPLOYMENT).manager == "kubectl-set"


def test_usage_is_read_as_the_metrics_api_gives_it(server: tuple[Double, KubernetesCluster]) -> None:
    found, cluster = server
    found.answer("deployments/adder", adder())
    first = {"usage": {"cpu": "250123456n", "memory": "65536Ki"}}
    second = {"usage": {"cpu": "1", "memory": "10M"}}
    found.answer("metrics.k8s.io", listing({"metadata": {"name": "adder-1-a"}, "containers": [first, second]}))
    used = cluster.usage(cluster.find("staging", "micro", "adder", Kind.DEPLOYMENT))["adder-1-a"]
    assert (used.cpu_words, used.memory_words) == ("1250m", "74Mi")


@pytest.mark.parametrize("status", [404, 503])
def test_metrics_that_nobody_serves_are_none(server: tuple[Double, KubernetesCluster], status: int) -> None:
    found, cluster = server
    found.answer("deployments/adder", adder())
    found.answer("metrics.k8s.io", refusal(status, "the server could not find the requested resource"))
    assert cluster.usage(cluster.find("staging", "micro", "adder", Kind.DEPLOYMENT)) == {}


def test_an_autoscaler_tells_its_figures_and_who_keeps_it(server: tuple[Double, KubernetesCluster]) -> None:
    found, cluster = server
    found.answer("deployments/adder", adder())
    cpu = {"type": "Resource", "resource": {"name": "cpu", "target": {"averageUtilization": 80}}}
    memory = {"type": "Resource", "resource": {"name": "memory", "target": {"averageUtilization": 70}}}
    said = {"type": "Resource", "resource": {"name": "cpu", "current": {"averageUtilization": 41}}}
    spec = {"scaleTargetRef": {"kind": "Deployment", "name": "adder"}, "maxReplicas": 12, "metrics": [cpu, memory]}
    keda = {"kind": "ScaledObject", "name": "adder", "uid": "k", "controller": True}
    meta = {"name": "keda-hpa-adder", "ownerReferences": [keda]}
    status = {"currentReplicas": 6, "currentMetrics": [said]}
    found.answer("horizontalpodautoscalers", listing({"metadata": meta, "spec": spec, "status": status}))
    scaler = cluster.autoscaler(cluster.find("staging", "micro", "adder", Kind.DEPLOYMENT))
    measured = ("cpu 41 % of 80 %", "memory unknown of 70 %")
    assert scaler == Autoscaler("keda-hpa-adder", 1, 12, 6, measured, "ScaledObject/adder")


def test_a_load_balancer_and_a_secure_ingress_tell_where_they_are(server: tuple[Double, KubernetesCluster]) -> None:
    found, cluster = server
    template = {"metadata": {"labels": {"app": "adder", "tier": "web"}}}
    workload = {"metadata": {"name": "adder", "namespace": "micro", "uid": "u"}, "spec": {"template": template}}
    found.answer("deployments/adder", Reply(json.dumps(workload).encode()))
    ports = [{"port": 80, "nodePort": 31234}]
    spec = {"type": "LoadBalancer", "selector": {"app": "adder"}, "ports": ports}
    status = {"loadBalancer": {"ingress": [{"ip": "10.0.0.12"}]}}
    mine = {"metadata": {"name": "adder", "namespace": "micro"}, "spec": spec, "status": status}
    other = {"metadata": {"name": "other"}, "spec": {"selector": {"app": "other"}}}
    elsewhere = {"metadata": {"name": "elsewhere"}, "spec": {"type": "ExternalName"}}
    found.answer("services", listing(mine, other, elsewhere))
    paths = [{"path": "/add", "backend": {"service": {"name": "adder"}}}, {"backend": {"service": {"name": "other"}}}]
    rules = [{"host": "math.example.com", "http": {"paths": paths}}, {"host": "empty.example.com"}]
    found.answer("ingresses", listing({"spec": {"rules": rules, "tls": [{"hosts": ["math.example.com"]}]}}))
    addresses = cluster.addresses(cluster.find("staging", "micro", "adder", Kind.DEPLOYMENT))
    assert addresses == [
        Address("Ingress", "https://math.example.com/add"),
        Address("LoadBalancer", "10.0.0.12:80"),
        Address("NodePort", "port 31234 of every node"),
    ]
