"""Titles of a team's own where they are said: in the channels of their routes alone, and anew with each edit."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest
from msgspec.structs import replace

from bot.clock import ScaledClock
from bot.core.alerts import Alert, AlertGroup, merge
from bot.core.events import Build, BuildPhase, BuildResult, Commit, Incident, Rollout, TagFound
from bot.core.model import Message
from bot.core.workload import Image, Kind, Phase, Target
from bot.engine.announce import Announcer
from bot.engine.outbox import Outbox
from bot.parts import calling, routed
from bot.ports import Ports
from bot.registry.memory import MemoryRegistry
from bot.store.sql import SqlStore
from config import load
from tests.unit.strict import StrictPlatform

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
SHA = "3f2a91c4b7d05e8a6619f0c2d3e4b5a697887766"
CONFIG = """
clusters: {main: {simulated: true}}
environments: {production: {cluster: main, namespace: micro}}
services: {adder: {builds: [adder, adder-tests]}}
routes:
  - {to: {slack: C1}, mention: {failure: "slack:S0ONCALL"}, words: {
      build: {failure: "{job} broke by {author}", success: "{job} is well"},
      merge: "{change}!",
      image: "{tag} is there",
      rollout: {success: "{image} is live", failure: "{image} is not live: {reason}"},
      incident: {failure: "{service}: {reason}", fixed: "{service} rests"},
      alert: {failure: "{alert} rings", fixed: "{alert} is silent"}}}
  - {to: {slack: C2}}
"""
TARGET = Target("production", "main", "micro", Kind.DEPLOYMENT, "adder")
ROLLOUT = Rollout(
    "r", TARGET, "adder", "deploy", 2, "t", "3f2a91c", "9ab01de", Phase.PROGRESSING, 1, 1, AT, AT, by="kubectl"
)
BUILD = Build("jenkins", "adder", 418, BuildPhase.FINISHED, AT, BuildResult.SUCCESS, seconds=60.0)
INCIDENT = Incident("incident:main/1/1", TARGET, "adder", "oom", "Killed for memory.", AT, AT)
ALERT = Alert("f", "HighErrorRate", AT, service="adder")


@dataclass
class House:
    announcer: Announcer
    store: SqlStore
    slack: StrictPlatform

    def build(self, build: Build) -> None:
        self.store.save_build(build)
        self.announcer.build(build)

    def said(self) -> dict[str, list[Message]]:
        while self.store.next_due("slack") is not None:
            Event().wait(0.005)
        stands = list(self.slack.stands.values())
        return {channel: [m for m in stands if m.place.channel == channel] for channel in ("C1", "C2")}

    def titles(self) -> list[tuple[str, str]]:
        """In the worded channel, and in the other."""
        found = {there: [m for m in said if not m.reply.mentions] for there, said in self.said().items()}
        return [(one.reply.title, other.reply.title) for one, other in zip(found["C1"], found["C2"], strict=True)]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    path = tmp_path / "words.yaml"
    path.write_text(CONFIG)
    catalogue = load(path, {}).catalogue()
    store, slack, clock = SqlStore(f"sqlite:///{tmp_path}/words.db"), StrictPlatform("slack"), ScaledClock(500)
    store.migrate()
    ports = Ports(lambda: catalogue, {}, MemoryRegistry(), store, clock, {}, platforms={"slack": slack})
    outbox = Outbox(store, {"slack": slack}, clock)
    routes, calls = routed(lambda: catalogue, [slack], clock), calling(lambda: catalogue, [slack])
    outbox.start()
    yield House(Announcer(ports, outbox, routes, calls), store, slack)
    outbox.stop()
    store.close()


def test_a_build_is_titled_by_what_it_is_now(house: House) -> None:
    house.build(replace(BUILD, phase=BuildPhase.STARTED, result=None, seconds=None))
    assert house.titles() == [("adder - #418 Starting...", "adder - #418 Starting...")]
    house.build(BUILD)
    assert house.titles() == [("adder is well", "adder - #418 Success after 1 min 0 sec")]
    house.build(replace(BUILD, number=419, result=BuildResult.FAILURE))
    assert house.titles()[1] == ("adder broke by somebody", "adder - #419 Failure after 1 min 0 sec")


def test_several_builds_of_one_commit_have_their_lines_in_it(house: House) -> None:
    tests = replace(BUILD, job="adder-tests", result=BuildResult.FAILURE, started=AT + timedelta(seconds=1))
    for build in (BUILD, tests):
        house.build(replace(build, revision=SHA))
    title = "adder 3f2a91c · 2 builds · 1 failed, 1 passed"
    worded, usual = (next(m for m in there if m.reply.title == title) for there in house.said().values())
    assert worded.reply.body.splitlines() == ["adder is well", "adder-tests broke by somebody"]
    assert usual.reply.body.startswith("adder - #418 Success after 1 min 0 sec\n")


def test_a_merge_and_an_image(house: House) -> None:
    house.announcer.commit(Commit("github", "adder", SHA, AT, "Round half", "Dev Two", "main"))
    house.announcer.tag(TagFound("adder", Image("registry/adder", "3f2a91c", revision=SHA)))
    parent, merge_, image = house.titles()
    assert parent[0] == parent[1] == "adder 3f2a91c · merge ✓ · image ✓"
    assert merge_ == ("Round half!", "Commit (3f2a91c) of adder@main by Dev Two: Round half")
    assert image == ("3f2a91c is there", "New image 3f2a91c of adder")


def test_a_rollout_to_its_verdict(house: House) -> None:
    house.announcer.rollout(ROLLOUT)
    assert house.titles()[1] == ("adder → 3f2a91c in production · 1 of 1 ready",) * 2
    house.announcer.rollout(replace(ROLLOUT, phase=Phase.PROVEN))
    assert house.titles()[1] == ("3f2a91c is live", "adder → 3f2a91c in production · done")


def test_trouble_and_alerts_to_their_end(house: House) -> None:
    group = merge(None, AlertGroup("main", "g", "HighErrorRate", (ALERT,), AT))
    house.announcer.incident(INCIDENT)
    house.announcer.alerts(group)
    assert [worded for worded, _ in house.titles()] == ["adder: Killed for memory", "HighErrorRate rings"]
    house.announcer.incident(replace(INCIDENT, calm_since=AT))
    house.announcer.alerts(merge(group, replace(group, alerts=(replace(ALERT, ends=AT),))))
    assert [worded for worded, _ in house.titles()] == ["adder rests", "HighErrorRate is silent"]


def test_who_is_called_reads_the_same_title(house: House) -> None:
    house.build(replace(BUILD, result=BuildResult.FAILURE, revision=SHA))
    house.announcer.incident(INCIDENT)
    called = {m.reply.title for m in house.said()["C1"] if m.reply.mentions}
    assert called == {"adder broke by somebody", "adder: Killed for memory"}
