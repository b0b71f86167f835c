"""The micro system on a real control plane, from nothing to a rollback, spoken as a person speaks."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.chat.console.room import Room
from bot.clock import SystemClock
from bot.core.model import Tone
from bot.core.workload import Image, Kind, Workload
from bot.parts import make_parts
from bot.registry.memory import MemoryRegistry
from commands import load as load_commands
from config import load
from tests.contract.cluster_kit import ENVIRONMENT, Bench, Wanted
from tests.contract.kubernetes_kit import KubernetesKit
from tests.unit.talk import Talk

CONFIG = """
store: "sqlite:///{folder}/bot.db"
clusters: {{main: {{simulated: true}}}}
environments:
  staging: {{cluster: main, namespace: {namespace}, settle: 1s}}
services:
  webapp: {{repository: registry.local/webapp, default_environment: staging, template: default, port: 8080}}
  store: {{repository: registry.local/store, default_environment: staging}}
  agent: {{repository: registry.local/agent, default_environment: staging}}
templates:
  default: [deployment.yaml, service.yaml]
"""
TEMPLATES = Path(__file__).parents[2] / "config" / "templates"
TAGS = ("3f2a91c", "9ab01de-slow-8", "missing", "77be001")


@pytest.fixture
def talk(kit: KubernetesKit, tmp_path: Path) -> Iterator[Talk]:
    config = tmp_path / "bot.yaml"
    config.write_text(CONFIG.format(folder=tmp_path, namespace=kit.namespace))
    for name in ("deployment.yaml", "service.yaml"):
        (tmp_path / name).write_text((TEMPLATES / name).read_text())
    registry = MemoryRegistry()
    parts = replace(make_parts(load(config, {}), SystemClock()), clusters={"main": kit.cluster}, registry=registry)
    for service in ("webapp", "store", "agent"):
        for tag in TAGS:
            registry.push(Image(f"registry.local/{service}", tag))
    talk = Talk(parts, Room(parts.clock), load_commands(), lead=True)
    talk.bot.start()
    yield talk
    talk.bot.stop()
    parts.close()


def test_from_nothing_to_a_rollback(talk: Talk, kit: KubernetesKit) -> None:
    first = talk.say("deploy webapp 3f2a91")
    assert (first.tone, first.title) == (Tone.GOOD, "webapp → 3f2a91c in staging · done")
    stands = kit.service("webapp")
    assert stands
    assert stands["type"] == "NodePort"
    assert talk.say("deploy webapp 77be001").title == "webapp → 77be001 in staging · done"
    broken = talk.begin("deploy webapp missing")
    talk.until(lambda: any("stuck" in title for title in talk.titles(broken)))
    why = talk.say("why webapp")
    assert "not found" in f"{why.title} {why.body}"
    back = talk.say("rollback webapp")
    assert (back.tone, back.title) == (Tone.GOOD, "webapp back to 77be001 in staging · done")
    assert talk.say("scale webapp 4").tone is Tone.GOOD
    going = talk.begin("deploy webapp 9ab01de-slow-8")
    talk.pass_time(lambda: 0 < find(kit, "webapp").updated < 4)
    assert talk.say("pause webapp").tone is Tone.GOOD
    kit.until(lambda: find(kit, "webapp").paused, "it stands")
    assert find(kit, "webapp").updated < 4
    assert talk.say("resume webapp").tone is Tone.GOOD
    assert talk.answer(going).title == "webapp → 9ab01de-slow-8 in staging · done"
    stood, changed = "NodePort", "LoadBalancer"
    kit.kubectl("patch", "service", "webapp", "-p", json.dumps({"spec": {"type": changed}}))
    shown = talk.say("deploy webapp 9ab01de-slow-8 --template --dry-run").body
    assert f"Service webapp spec.type: {changed} → {stood}" in shown
    assert talk.say("deploy webapp 9ab01de-slow-8 --template").tone is Tone.GOOD
    assert find(kit, "webapp").wanted == 4


def test_a_stateful_set_in_two_stages(talk: Talk, kit: KubernetesKit) -> None:
    Bench(kit).running(Wanted(name="store", kind=Kind.STATEFUL_SET, image="registry.local/store:1"))
    staged = talk.say("deploy store 3f2a91c --partition 2")
    assert (staged.tone, staged.title) == (Tone.GOOD, "store → 3f2a91c in staging · done for 1 of 3 pods")
    rest = talk.say(staged.buttons[0].command)
    assert (rest.tone, rest.title) == (Tone.GOOD, "store → 3f2a91c in staging · done")
    assert find(kit, "store").updated == 3


def test_a_daemon_set(talk: Talk, kit: KubernetesKit) -> None:
    Bench(kit).running(Wanted(name="agent", kind=Kind.DAEMON_SET, image="registry.local/agent:1"))
    assert talk.say("deploy agent 3f2a91c").title == "agent → 3f2a91c in staging · done"
    assert talk.say("rollback agent").title == "agent back to 1 in staging · done"


def test_a_quota_that_stops_the_surge_is_named_and_goes_away(talk: Talk, kit: KubernetesKit) -> None:
    talk.say("deploy webapp 3f2a91c")
    kit.set_quota(2)
    key = talk.begin("deploy webapp 77be001")
    talk.until(lambda: any("stuck" in title for title in talk.titles(key)))
    why = talk.say("why webapp")
    assert "quota" in f"{why.title} {why.body}"
    kit.set_quota(9)
    assert talk.answer(key).title == "webapp → 77be001 in staging · done"


def find(kit: KubernetesKit, name: str) -> Workload:
    return kit.cluster.find(ENVIRONMENT, kit.namespace, name)
