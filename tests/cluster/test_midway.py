"""What happens to the ground under a rollout while the bot follows it, and what people read of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.core.model import Reply, Tone
from bot.core.workload import Kind
from tests.cluster.line import Line
from tests.cluster.plane import RBAC, Plane, manifest
from tests.cluster.test_survival import kit, way
from tests.cluster.test_whole import talking
from tests.contract.cluster_kit import Bench, Wanted
from tests.contract.kubernetes_kit import KubernetesKit
from tests.unit.talk import Talk

__all__ = ["kit", "way"]


@pytest.fixture
def talk(kit: KubernetesKit, tmp_path: Path) -> Iterator[Talk]:
    Bench(kit).running(Wanted(replicas=2))
    with talking(kit, tmp_path, "1", "2", "slow-6", "slow-12", settle="3s") as talk:
        yield talk


def midway(talk: Talk, tag: str = "slow-6") -> str:
    """A test that does more than one thing in the middle takes the slower one."""
    key = talk.begin(f"deploy adder {tag}")
    talk.until(lambda: "of 2 ready" in talk.shown(key).title)
    return key


def end(talk: Talk, key: str) -> Reply:
    """Without the patience of the room: an API server that was away is tried again ever more slowly."""
    talk.pass_time(lambda: any(m.final for m in talk.messages() if m.key == key))
    return talk.shown(key)


def test_an_api_server_that_starts_again_midway(real: Plane, talk: Talk) -> None:
    key = midway(talk)
    real.restart_api_server()
    assert (end(talk, key).tone, talk.shown(key).title) == (Tone.GOOD, "adder → slow-6 in staging · done")


def test_a_cluster_that_is_away_midway_is_said_and_proves_nothing(talk: Talk, way: Line) -> None:
    key = midway(talk, "slow-12")
    way.cut()
    talk.until(lambda: talk.shown(key).title.endswith("ready when last seen"))
    assert "Not seen just now: The cluster main cannot be reached." in talk.shown(key).body
    way.mend()
    assert end(talk, key).title == "adder → slow-12 in staging · done"
    assert "seen" not in talk.shown(key).title + talk.shown(key).body


def test_rights_that_are_taken_away_midway(talk: Talk, kit: KubernetesKit, way: Line) -> None:
    """What was asked for before goes on being told; what is asked anew is refused, with what to do."""
    key = midway(talk, "slow-12")
    kit._plane.delete(f"{RBAC}/{kit.namespace}/rolebindings/quarterdeck")
    refused = f"The bot may not get deployments in {kit.namespace}."
    talk.pass_time(lambda: talk.say("status adder").title == refused)
    said = talk.say("deploy adder 2")
    assert said.title == refused
    assert "k8s/target holds the Role that it needs." in said.body
    way.cut()
    way.mend()
    talk.until(lambda: "Not seen just now: The bot may not watch " in talk.shown(key).body)
    kit._plane.make(f"{RBAC}/{kit.namespace}/rolebindings", manifest("target/rolebinding.yaml"))
    assert end(talk, key).title == "adder → slow-12 in staging · done"


def test_a_workload_that_is_deleted_midway(talk: Talk, kit: KubernetesKit) -> None:
    key = midway(talk)
    kit.delete("adder", Kind.DEPLOYMENT)
    said = end(talk, key)
    assert (said.tone, said.title) == (Tone.BAD, "adder → slow-6 in staging · deleted")
    assert said.buttons == ()
    assert talk.say("status adder").title == "adder does not run in staging."


def test_one_of_the_same_name_is_another(talk: Talk, kit: KubernetesKit) -> None:
    """The old rollout ends, the new workload has one of its own."""
    key = midway(talk)
    kit.delete("adder", Kind.DEPLOYMENT)
    kit.create(Wanted(replicas=2))
    assert end(talk, key).title == "adder → slow-6 in staging · deleted"
    talk.until(lambda: any(m.reply.title == "adder → 1 in staging · done" for m in talk.messages()))
    assert talk.say("status adder").title == "adder in staging · 2 of 2 ready"


def test_a_namespace_that_is_deleted_midway(talk: Talk, kit: KubernetesKit) -> None:
    key = midway(talk)
    kit._plane.delete(f"/api/v1/namespaces/{kit.namespace}")
    assert end(talk, key).title == "adder → slow-6 in staging · deleted"
    talk.pass_time(lambda: "may not" in talk.say("status adder").title)
    assert f"or there is no namespace {kit.namespace}." in talk.say("status adder").body
