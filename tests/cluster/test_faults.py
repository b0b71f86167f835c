"""Whatever the API server or the way to it does: one of our errors, a clear sentence, and the process lives."""

import json
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any

import pytest

from bot.cluster.kubernetes import Access, KubernetesCluster
from bot.core.errors import Conflict, Invalid, NotAllowed, NotFound, QuarterdeckError, Unavailable
from bot.core.model import Step
from bot.core.workload import Image, Kind, Pod, PodName, Restart, Scale, SetImage, Target, Workload
from tests.cluster.double import Double, Reply, double, listing, refusal
from tests.contract.cluster_kit import CAUSE, Ear

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TARGET = Target("staging", "main", "micro", Kind.DEPLOYMENT, "adder")
WORKLOAD = Workload(TARGET, "u", "1", 1, 1, (), 1, 1, 1, 1, 1, "t", 1, NOON, NOON)
POD = Pod("adder-1-a", "micro", "adder-1", "t", "Running", True, NOON)
TEMPLATE = {"spec": {"containers": [{"name": "app", "image": "r/adder:1"}]}}
ADDER = {"metadata": {"name": "adder", "namespace": "micro", "uid": "u"}, "spec": {"template": TEMPLATE}}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[Double, KubernetesCluster]]:
    with double(tmp_path) as (found, access):
        cluster = KubernetesCluster("main", access)
        yield found, cluster
        cluster.stop()


def calls(cluster: KubernetesCluster) -> dict[str, Callable[[], object]]:
    """Every question of the port."""
    step = Step(TARGET, Restart(NOON), "", "", "u", "1", "t")
    return {
        "find": lambda: cluster.find("staging", "micro", "adder"),
        "workloads": lambda: cluster.workloads("staging", "micro"),
        "pods": lambda: cluster.pods(WORKLOAD),
        "events": lambda: cluster.events(WORKLOAD),
        "revisions": lambda: cluster.revisions(WORKLOAD),
        "logs": lambda: cluster.logs(POD, "app"),
        "autoscaler": lambda: cluster.autoscaler(WORKLOAD),
        "addresses": lambda: cluster.addresses(WORKLOAD),
        "usage": lambda: cluster.usage(WORKLOAD),
        "budgets": lambda: cluster.budgets(WORKLOAD),
        "delete_pod": lambda: cluster.delete_pod(TARGET, PodName("adder-0", "u")),
        "dry_run": lambda: cluster.dry_run(step, CAUSE),
        "apply": lambda: cluster.apply(step, CAUSE),
        "annotate": lambda: cluster.annotate(TARGET, {"a": "b"}),
        "permissions": lambda: cluster.permissions(["micro"]),
    }


FAULTS = {
    "500": refusal(500, "etcdserver: request timed out", "InternalError"),
    "503": Reply(b"upstream connect error", 503),
    "401": refusal(401, "Unauthorized", "Unauthorized"),
    "403": refusal(
        403, 'deployments.apps is forbidden: User "x" cannot get resource "deployments" in API group "apps"'
    ),
    "409": refusal(409, "the object has been modified", "Conflict"),
    "422": refusal(422, "is invalid", "Invalid", causes=[{"field": "spec.x", "message": "no"}]),
    "429": Reply(b"{}", 429, {"Retry-After": "30"}),
    "302": Reply(b"", 302, {"Location": "http://127.0.0.1:1/"}),
    "no JSON": Reply(b"<html>hello</html>"),
    "no object": Reply(b'{"metadata": 7, "items": 8, "spec": [], "status": "no"}'),
    "odd items": Reply(b'{"metadata": {}, "items": [{"metadata": {"name": 7}}]}'),
    "half": Reply(b'{"metadata": {"na', hang_up=True),
    "nothing": Reply(b""),
}


@pytest.mark.parametrize("call", list(calls(KubernetesCluster("x", Access()))))
@pytest.mark.parametrize("fault", FAULTS)
def test_only_our_errors_come_out(server: tuple[Double, KubernetesCluster], fault: str, call: str) -> None:
    found, cluster = server
    found.answer("", FAULTS[fault])
    try:
        calls(cluster)[call]()
    except QuarterdeckError as error:
        assert error.sentence.endswith(".")
        assert "hunter2" not in f"{error.sentence}{error.fact}{error.hint}"


@pytest.mark.parametrize(
    ("fault", "expected", "words"),
    [
        ("500", Unavailable, "It answered 500: etcdserver: request timed out"),
        ("401", Unavailable, "It answered 401"),
        ("403", NotAllowed, "does not grant get on deployments (apps)"),
        ("409", Conflict, "the object has been modified"),
        ("422", Invalid, "spec.x: no"),
        ("429", Unavailable, "429"),
        ("half", Unavailable, "IncompleteRead"),
    ],
)
def test_each_refusal_is_said_in_its_own_words(
    server: tuple[Double, KubernetesCluster], fault: str, expected: type[QuarterdeckError], words: str
) -> None:
    found, cluster = server
    found.answer("", FAULTS[fault])
    with pytest.raises(expected) as raised:
        cluster.find("staging", "micro", "adder")
    assert words in raised.value.fact


def test_a_busy_server_says_when(server: tuple[Double, KubernetesCluster]) -> None:
    found, cluster = server
    found.answer("", FAULTS["429"])
    with pytest.raises(Unavailable) as busy:
        cluster.workloads("staging", "micro")
    assert busy.value.retry_after == 30


def test_a_read_is_asked_again_when_it_is_soon(server: tuple[Double, KubernetesCluster]) -> None:
    found, cluster = server
    found.answer("deployments", Reply(b"", 429, {"Retry-After": "0"}), listing(ADDER))
    assert [w.target.name for w in cluster.workloads("staging", "micro")] == ["adder"]


def test_a_forbidden_that_is_no_missing_right_is_the_clusters_word(server: tuple[Double, KubernetesCluster]) -> None:
    found, cluster = server
    found.answer("GET", Reply(json.dumps(ADDER).encode()))
    found.answer("PATCH", refusal(403, 'admission webhook "policy.example" denied the request: no latest tag'))
    workload = cluster.find("staging", "micro", "adder", Kind.DEPLOYMENT)
    step = Step(TARGET, SetImage("app", Image("r/adder", "2")), "", "", "u", "1", workload.template)
    with pytest.raises(Invalid, match=r"refuses it\.") as refused:
        cluster.apply(step, CAUSE)
    assert "no latest tag" in refused.value.fact


def test_a_patch_whose_answer_was_lost_is_not_sent_twice(server: tuple[Double, KubernetesCluster]) -> None:
    """It did arrive: the note on the workload is that of this very order."""
    found, cluster = server
    found.answer("PATCH", Reply(b"{", hang_up=True))
    found.answer("GET", Reply(json.dumps(ADDER).encode()))
    before = cluster.find("staging", "micro", "adder", Kind.DEPLOYMENT)
    after = {"spec": {"containers": [{"name": "app", "image": "r/adder:2"}]}}
    found.answer("GET", Reply(json.dumps({**ADDER, "spec": {"template": after}}).encode()))
    template = cluster.find("staging", "micro", "adder", Kind.DEPLOYMENT).template
    notes = {"quarterdeck.io/order": CAUSE.request, "quarterdeck.io/template": template}
    meta = {"name": "adder", "namespace": "micro", "uid": "u", "annotations": notes}
    first = Reply(json.dumps(ADDER).encode())
    found.answer("GET", first, Reply(json.dumps({"metadata": meta, "spec": {"template": after}}).encode()))
    step = Step(TARGET, SetImage("app", Image("r/adder", "2")), "", "", "u", "1", before.template)
    assert cluster.apply(step, CAUSE).template == template
    assert len([question for question in found.asked if question.startswith("PATCH")]) == 1


def test_a_patch_that_may_have_arrived_says_so(server: tuple[Double, KubernetesCluster]) -> None:
    found, cluster = server
    found.answer("PATCH", Reply(b"{", hang_up=True))
    found.answer("GET", Reply(json.dumps(ADDER).encode()))
    workload = cluster.find("staging", "micro", "adder", Kind.DEPLOYMENT)
    step = Step(TARGET, Scale(2), "", "", "u", "1", workload.template)
    with pytest.raises(Unavailable) as lost:
        cluster.apply(step, CAUSE)
    assert "may have been carried out" in lost.value.hint


def until(condition: Callable[[], object], what: str) -> None:
    pause, deadline = Event(), monotonic() + 20
    while not condition():
        assert monotonic() < deadline, what
        pause.wait(0.01)


def seen(name: str, version: str, image: str = "r/adder:1") -> dict[str, Any]:
    containers = {"spec": {"containers": [{"name": "app", "image": image}]}}
    meta = {"name": name, "namespace": "micro", "uid": f"uid-{name}", "resourceVersion": version}
    return {"metadata": meta, "spec": {"template": containers}}


def happening(kind: str, thing: object) -> bytes:
    return json.dumps({"type": kind, "object": thing}).encode() + b"\n"


def test_a_forgotten_version_is_listed_again_and_the_gone_are_told(server: tuple[Double, KubernetesCluster]) -> None:
    found, cluster = server
    expired = happening("ERROR", {"code": 410, "message": "too old resource version"})
    found.answer("deployments?watch", Reply(expired), Reply(b""))
    found.answer(
        "deployments?", listing(seen("a", "1"), seen("b", "2")), listing(seen("b", "2"), seen("c", "5"), version="5")
    )
    ear = Ear()
    cluster.watch({"staging": "micro"}, ear.notice)
    until(lambda: "a" in ear.gone(), "the end of a")
    until(lambda: len(ear.workloads()) >= 4, "all told")
    assert [w.target.name for w in ear.workloads()] == ["a", "b", "c", "a"]


def test_a_bookmark_moves_on_without_a_word(
    server: tuple[Double, KubernetesCluster], caplog: pytest.LogCaptureFixture
) -> None:
    """As the server writes it: what an object must have is null."""
    found, cluster = server
    empty = {"selector": None, "template": {"metadata": {}, "spec": {"containers": None}}, "strategy": {}}
    bookmark = happening("BOOKMARK", {"metadata": {"resourceVersion": "9"}, "spec": empty, "status": {}})
    found.answer("deployments?watch", Reply(bookmark), Reply(b""))
    found.answer("deployments?", listing(seen("a", "1")))
    with caplog.at_level(logging.WARNING):
        cluster.watch({"staging": "micro"}, Ear().notice)
        until(lambda: any("deployments?watch" in a and "resourceVersion=9" in a for a in found.asked), "a new watch")
    assert caplog.messages == []


def test_half_a_line_is_no_line_and_an_odd_object_costs_nothing_else(
    server: tuple[Double, KubernetesCluster], caplog: pytest.LogCaptureFixture
) -> None:
    found, cluster = server
    odd = happening("ADDED", {"metadata": {"name": 7}})
    bare = happening("ADDED", {"metadata": {"name": "bare", "namespace": "micro"}})
    half = happening("MODIFIED", seen("a", "3", "r/adder:3"))[:-20]
    whole = happening("MODIFIED", seen("a", "3", "r/adder:3"))
    found.answer("deployments?watch", Reply(odd + bare + half), Reply(whole), Reply(b""))
    found.answer("deployments?", listing(seen("a", "1")))
    ear = Ear()
    with caplog.at_level(logging.WARNING):
        cluster.watch({"staging": "micro"}, ear.notice)
        until(lambda: ear.workloads()[-1].resource_version == "3", "the whole line")
    assert [w.target.name for w in ear.workloads()] == ["a", "bare", "a"]
    assert "cannot be read" in caplog.text
    assert ear.workloads()[1].containers == ()


def test_a_line_that_is_no_json_lists_again(server: tuple[Double, KubernetesCluster]) -> None:
    found, cluster = server
    found.answer("deployments?watch", Reply(b"<html>\n"), Reply(b""))
    found.answer("deployments?", listing(seen("a", "1")), listing(seen("b", "2")))
    ear = Ear()
    cluster.watch({"staging": "micro"}, ear.notice)
    until(lambda: "a" in ear.gone(), "a new list")


def test_a_list_comes_in_pages(server: tuple[Double, KubernetesCluster]) -> None:
    found, cluster = server
    found.answer("continue=next", listing(seen("b", "2")))
    found.answer("deployments", listing(seen("a", "1"), more="next"))
    assert [w.target.name for w in cluster.workloads("staging", "micro")] == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Invalid kube-config"),
        ("clusters: [", "while parsing"),
        ("apiVersion: v1\nkind: Config\ncurrent-context: gone\ncontexts: []", "gone"),
        ("[1, 2]", ""),
    ],
)
def test_a_kubeconfig_with_mistakes_is_named(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(text)
    cluster = KubernetesCluster("main", Access(path, "prod"))
    with pytest.raises(Unavailable) as refused:
        cluster.find("staging", "micro", "adder")
    assert refused.value.sentence == "There is no way into the cluster main."
    assert str(path) in refused.value.fact
    assert words.partition("gone")[0] in refused.value.fact


def test_outside_of_a_cluster_its_account_is_not_there() -> None:
    with pytest.raises(Unavailable) as refused:
        KubernetesCluster("main", Access()).find("staging", "micro", "adder")
    assert "the pod's own account" in refused.value.fact


def test_nobody_there_is_said(tmp_path: Path) -> None:
    with double(tmp_path) as (_, access):
        pass
    cluster = KubernetesCluster("main", access)
    with pytest.raises(Unavailable) as refused:
        cluster.find("staging", "micro", "adder")
    assert refused.value.sentence == "The cluster main cannot be reached."
    assert "refused" in refused.value.fact
    cluster.watch({"staging": "micro"}, Ear().notice)
    cluster.stop()


def test_nothing_was_said_of_log_lines_that_are_gone(server: tuple[Double, KubernetesCluster]) -> None:
    found, cluster = server
    state = {"name": "app", "state": {"running": {}}}
    found.answer("/log", Reply(b"unable to retrieve container logs for containerd://1f2e"))
    found.answer("pods/", Reply(json.dumps({"status": {"containerStatuses": [state]}}).encode()))
    assert cluster.logs(POD, "app") == []
    found.answer("/log", Reply(b"", 204))
    assert cluster.logs(POD, "app") == []
    with pytest.raises(NotFound):
        cluster.logs(POD, "app", previous=True)
