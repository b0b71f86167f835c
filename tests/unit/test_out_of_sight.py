"""A cluster that cannot be watched for a while: time in which nobody saw it decides nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.cluster.memory import MemoryCluster
from bot.cluster.memory.spec import Spec, single
from bot.core.events import Rollout
from bot.core.live import live
from bot.core.workload import Phase, Workload
from bot.engine.tracker import Tracker
from tests.contract.cluster_kit import ManualClock
from tests.unit.talk import talking

AWAY = "The cluster test cannot be reached."
SETTLE = timedelta(seconds=30)


@dataclass
class Scene:
    """The tracker, and nobody else: no thread, and a clock that only the test moves."""

    tracker: Tracker
    cluster: MemoryCluster
    clock: ManualClock
    told: list[Rollout]

    def look(self) -> Workload:
        return self.cluster.find("staging", "micro-staging", "quiet")

    def see(self) -> Rollout:
        environment = self.tracker._ports.catalogue.environment("staging")
        workload = self.look()
        for pod in self.cluster.pods(workload):
            self.tracker.see_pod(environment, pod, gone=False)
        self.tracker.see_workload(environment, workload)
        return self.told[-1]

    def passes(self, seconds: float) -> Rollout:
        self.clock.move(seconds)
        self.cluster.advance(self.clock.now())
        self.tracker.tick()
        return self.told[-1]


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    clock = ManualClock()
    cluster = MemoryCluster("test", clock)
    told: list[Rollout] = []
    with talking(tmp_path, lead=False, settle="30s") as talk:
        ports = replace(talk.bot.ports, clock=clock, clusters={"test": cluster})
        tracker = Tracker(ports, told.append, lambda _incident: None, lambda _subject: None, lambda _order: True)
        made = Scene(tracker, cluster, clock, told)
        cluster.create("micro-staging", Spec("quiet", single("registry.local/quiet:1"), deadline=60))
        made.tracker.see_workload(ports.catalogue.environment("staging"), made.look())
        made.passes(20)
        made.see()
        made.passes(40)
        cluster.kubectl_set_image("micro-staging", "quiet", "registry.local/quiet:slow-40")
        made.see()
        yield made
        cluster.stop()


def test_a_deadline_that_passes_unseen_fails_nothing(scene: Scene) -> None:
    assert scene.told[-1].phase is Phase.PROGRESSING
    scene.cluster.break_off(AWAY)
    unseen = scene.passes(300)
    assert (unseen.phase, unseen.unseen) == (Phase.PROGRESSING, AWAY)
    scene.cluster.break_off()
    assert scene.see().phase is Phase.DONE
    assert scene.passes(31).phase is Phase.PROVEN


def test_nothing_is_proven_while_nobody_sees_it(scene: Scene) -> None:
    scene.passes(55)
    assert scene.see().phase is Phase.DONE
    scene.cluster.break_off(AWAY)
    assert scene.passes(300).phase is Phase.DONE
    scene.cluster.break_off()
    again = scene.passes(1)
    assert (again.phase, again.unseen) == (Phase.DONE, "")
    assert scene.passes(25).phase is Phase.DONE
    assert scene.passes(10).phase is Phase.PROVEN


def test_while_it_is_not_seen_nothing_is_due(scene: Scene) -> None:
    """Else the follower would spin."""
    scene.cluster.break_off(AWAY)
    scene.passes(300)
    due = scene.tracker.next_due()
    assert due is not None
    assert due > scene.clock.now()


def test_it_is_said_once_and_no_longer_than_it_lasts(scene: Scene) -> None:
    scene.cluster.break_off(AWAY)
    told = len(scene.told)
    for _ in range(5):
        scene.passes(10)
    assert len(scene.told) == told + 1
    reply = live([scene.told[-1]], scene.clock.now(), 30)
    assert reply.title == "quiet → slow-40 in staging · 0 of 1 ready when last seen"
    assert f"Not seen just now: {AWAY} It is followed on as soon as it can be." in reply.body
    scene.cluster.break_off()
    assert "seen" not in repr(live([scene.passes(1)], scene.clock.now(), 30))


def test_what_was_unseen_when_the_bot_ended_is_seen_again(scene: Scene) -> None:
    scene.cluster.break_off(AWAY)
    scene.passes(10)
    ports = scene.tracker._ports
    scene.cluster.break_off()
    assert ports.store.open_rollouts()[0].unseen == AWAY
    scene.tracker = Tracker(ports, scene.told.append, lambda _: None, lambda _: None, lambda _: True)
    scene.tracker.take_over()
    assert scene.see().unseen == ""
