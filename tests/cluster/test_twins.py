"""Each verb on one of two twins, kubectl's own on the other: the same object comes of both."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.cluster.kubernetes.actions import RESTARTED_AT
from bot.cluster.kubernetes.nouns import LAST_APPLIED
from bot.core.secret import Secret
from bot.core.workload import Action, Image, Kind, Pause, Restart, Resume, Scale, SetEnv, SetImage, Undo, Workload
from tests.contract.cluster_kit import CAUSE, Bench, Wanted
from tests.contract.kubernetes_kit import PLURALS, KubernetesKit

NAMES = ("ours", "theirs")
OURS = ("quarterdeck.io/", "kubernetes.io/change-cause")
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TWO = SetImage("app", Image("registry.local/adder", "2"))
PARTITIONED = '{{"spec": {{"updateStrategy": {{"rollingUpdate": {{"partition": {}}}}}}}}}'
ENV = SetEnv("app", ("MODE", "LEVEL"), values=(Secret("fast"), Secret("3")))


class Twins:
    def __init__(self, kit: KubernetesKit, kind: Kind) -> None:
        self.kit, self.kind, self.bench = kit, kind, Bench(kit)
        for name in NAMES:
            kit.create(Wanted(name=name, kind=kind, replicas=2))
        self.settle()

    def settle(self) -> None:
        for name in NAMES:
            self.bench.rolled_out(name, self.kind)

    def look(self, name: str) -> Workload:
        return self.bench.look(name, self.kind)

    def broken(self, name: str) -> str:
        """The one pod that cannot be pulled."""

        def found() -> list[str]:
            pods = self.kit.cluster.pods(self.look(name))
            return [p.name for p in pods if p.containers and "ImagePull" in p.containers[0].now.reason]

        (pod,) = self.kit.until(found, f"a broken pod of {name}")
        return pod

    def ours(self, action: Action) -> None:
        self.bench.do(self.bench.look("ours", self.kind), action, CAUSE)

    def theirs(self, *words: str) -> None:
        self.kit.kubectl(*(word.replace("IT", f"{self.kind.lower()}/theirs") for word in words))

    def both(self, action: Action, *words: str) -> None:
        """Each alone: two that come quickly may be one revision or two."""
        self.ours(action)
        self.theirs(*words)
        self.settle()

    def compared(self) -> tuple[object, object]:
        return self._plain("ours"), self._plain("theirs")

    def _plain(self, name: str) -> object:
        apps = f"/apis/apps/v1/namespaces/{self.kit.namespace}"
        found: dict[str, Any] = self.kit._plane.read(f"{apps}/{PLURALS[self.kind]}/{name}")
        kept = {"labels": found["metadata"]["labels"], "annotations": _notes(found), "spec": found["spec"]}
        return _renamed({**kept, "history": self._history(apps, found["metadata"]["uid"])}, name)

    def _history(self, apps: str, uid: str) -> list[Any]:
        """What going back would find: revision by revision, under which number."""
        plural = "replicasets" if self.kind is Kind.DEPLOYMENT else "controllerrevisions"
        items = self.kit._plane.read(f"{apps}/{plural}")["items"]
        owned = [one for one in items if one["metadata"]["ownerReferences"][0]["uid"] == uid]
        told = [[one.get("revision"), _notes(one), _without_hashes(one.get("spec") or one["data"])] for one in owned]
        return sorted(told, key=repr)


def _notes(found: dict[str, Any]) -> dict[str, str]:
    notes = found["metadata"].get("annotations", {})
    return {key: value for key, value in notes.items() if not key.startswith(OURS) and key != LAST_APPLIED}


def _without_hashes(value: Any) -> Any:
    """They are made of the twins' names too."""
    if isinstance(value, dict):
        return {key: _without_hashes(inner) for key, inner in value.items() if key != "pod-template-hash"}
    return [_without_hashes(inner) for inner in value] if isinstance(value, list) else value


def _renamed(value: Any, name: str) -> Any:
    """The twins differ in their name alone, and a restart in its moment."""
    if isinstance(value, dict):
        return {key: "then" if key == RESTARTED_AT else _renamed(inner, name) for key, inner in value.items()}
    if isinstance(value, list):
        return [_renamed(inner, name) for inner in value]
    return "twin" if value == name else value


@pytest.fixture(params=Kind)
def twins(kit: KubernetesKit, request: pytest.FixtureRequest) -> Twins:
    return Twins(kit, request.param)


def test_an_image_and_the_way_back(twins: Twins) -> None:
    twins.both(TWO, "set", "image", "IT", "app=registry.local/adder:2")
    ours, theirs = twins.compared()
    assert ours == theirs
    twins.both(Undo(1), "rollout", "undo", "IT", "--to-revision=1")
    ours, theirs = twins.compared()
    assert ours == theirs


def test_the_revision_before_without_a_number(twins: Twins) -> None:
    twins.both(TWO, "set", "image", "IT", "app=registry.local/adder:2")
    twins.both(Undo(1), "rollout", "undo", "IT")
    twins.both(Undo(2), "rollout", "undo", "IT")
    ours, theirs = twins.compared()
    assert ours == theirs


@pytest.mark.parametrize("twins", [Kind.STATEFUL_SET], indirect=True)
def test_a_partition_and_then_the_rest(twins: Twins) -> None:
    """kubectl needs two orders for the first."""
    twins.theirs("patch", "IT", "--patch", PARTITIONED.format(1))
    twins.theirs("set", "image", "IT", "app=registry.local/adder:2")
    twins.ours(SetImage("app", TWO.image, partition=1))
    for name in NAMES:
        twins.kit.until(lambda name=name: _staged(twins.look(name)), "the last pod new")  # type: ignore[misc]
    ours, theirs = twins.compared()
    assert ours == theirs
    twins.both(SetImage("app", TWO.image, partition=0), "patch", "IT", "--patch", PARTITIONED.format(0))
    ours, theirs = twins.compared()
    assert ours == theirs


def test_variables_and_a_restart(twins: Twins) -> None:
    twins.both(ENV, "set", "env", "IT", "MODE=fast", "LEVEL=3")
    twins.both(SetEnv("app", (), ("MODE",)), "set", "env", "IT", "MODE-")
    twins.both(Restart(NOON), "rollout", "restart", "IT")
    ours, theirs = twins.compared()
    assert ours == theirs


def _staged(found: Workload) -> bool:
    return found.observed == found.generation and (found.updated, found.ready) == (1, 2)


@pytest.mark.parametrize("twins", [Kind.STATEFUL_SET], indirect=True)
def test_going_back_from_a_broken_pod_waits_for_it_as_kubectls_does(twins: Twins) -> None:
    """To delete it is an order of its own."""
    twins.ours(SetImage("app", Image("registry.local/adder", "missing")))
    twins.theirs("set", "image", "IT", "app=registry.local/adder:missing")
    broken = {name: twins.broken(name) for name in NAMES}
    twins.ours(Undo(1))
    twins.theirs("rollout", "undo", "IT", "--to-revision=1")
    for name in NAMES:
        twins.kit.until(lambda name=name: twins.look(name).revision == 3, "seen by its controller")  # type: ignore[misc]
        assert twins.broken(name) == broken[name]
    ours, theirs = twins.compared()
    assert ours == theirs
    for pod in broken.values():
        twins.kit.delete_pod(pod)
    twins.settle()
    ours, theirs = twins.compared()
    assert ours == theirs


@pytest.mark.parametrize("twins", [Kind.DEPLOYMENT, Kind.STATEFUL_SET], indirect=True)
@pytest.mark.parametrize("replicas", [3, 0])
def test_a_scale(twins: Twins, replicas: int) -> None:
    twins.both(Scale(replicas), "scale", "IT", f"--replicas={replicas}")
    ours, theirs = twins.compared()
    assert ours == theirs


@pytest.mark.parametrize("twins", [Kind.DEPLOYMENT], indirect=True)
def test_a_pause_and_a_resume(twins: Twins) -> None:
    twins.both(Pause(), "rollout", "pause", "IT")
    ours, theirs = twins.compared()
    assert ours == theirs
    twins.both(Resume(), "rollout", "resume", "IT")
    ours, theirs = twins.compared()
    assert ours == theirs


def test_going_back_takes_the_old_notes_and_keeps_our_lock(kit: KubernetesKit) -> None:
    """A Deployment's annotations go with its revisions; what we know of the present must not."""
    bench = Bench(kit)
    first = bench.running(Wanted(replicas=1))
    kit.cluster.annotate(first.target, {"team": "numbers"})
    bench.do(first, TWO)
    second = bench.rolled_out()
    kit.cluster.annotate(second.target, {"team": "letters", "quarterdeck.io/lock": "migration"})
    kit.until(lambda: kit.kubectl("get", "rs", "-o", "yaml").count("team: letters") == 1, "the note on its ReplicaSet")
    bench.do(bench.look(), Undo(1))
    notes = kit.peek("adder").annotations
    assert (notes["team"], notes["quarterdeck.io/lock"]) == ("numbers", "migration")
    assert notes["quarterdeck.io/template"] == first.template
