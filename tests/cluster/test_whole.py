"""The whole bot on a real control plane, spoken to as a person does."""

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bot.chat.console.room import Room
from bot.clock import SystemClock
from bot.core.model import Tone
from bot.core.workload import Image, Kind, SetImage
from bot.parts import make_parts
from bot.registry.memory import MemoryRegistry
from commands import load as load_commands
from config import load
from tests.contract.cluster_kit import Bench, Wanted
from tests.contract.kubernetes_kit import KubernetesKit
from tests.unit.talk import Talk

CONFIG = """
store: "sqlite:///{folder}/bot.db"
clusters: {{main: {{simulated: true}}}}
environments:
  staging: {{cluster: main, namespace: {namespace}, settle: {settle}}}
services:
  adder: {{repository: registry.local/adder, default_environment: staging}}
"""


@contextmanager
def talking(kit: KubernetesKit, folder: Path, *tags: str, settle: str = "1s") -> Iterator[Talk]:
    """A whole bot that leads, and a registry with these."""
    config = folder / "bot.yaml"
    config.write_text(CONFIG.format(folder=folder, namespace=kit.namespace, settle=settle))
    registry = MemoryRegistry()
    parts = replace(make_parts(load(config, {}), SystemClock()), clusters={"main": kit.cluster}, registry=registry)
    for tag in tags:
        registry.push(Image("registry.local/adder", tag))
    talk = Talk(parts, Room(parts.clock), load_commands(), lead=True)
    talk.bot.start()
    yield talk
    talk.bot.stop()
    parts.close()


@pytest.fixture
def talk(kit: KubernetesKit, tmp_path: Path) -> Iterator[Talk]:
    Bench(kit).running(Wanted(replicas=2, deadline=5))
    with talking(kit, tmp_path, "1", "2", "missing", "crash") as talk:
        yield talk


def test_a_deploy_is_followed_to_its_proven_end(talk: Talk) -> None:
    said = talk.say("deploy adder 2")
    assert (said.tone, said.title) == (Tone.GOOD, "adder → 2 in staging · done")
    assert "2/2" in said.body
    assert "2" in talk.say("status adder").title
    assert talk.say("scale adder 3").tone is Tone.GOOD
    assert talk.say("restart adder").tone is Tone.GOOD


def test_a_broken_image_is_explained_and_taken_back(talk: Talk) -> None:
    first = talk.say("deploy adder missing")
    assert first.tone is Tone.BAD
    assert "not found" in f"{first.title} {first.body}"
    assert "missing" in talk.say("why adder").body + talk.say("why adder").title
    back = talk.say("rollback adder")
    assert back.tone is Tone.GOOD
    assert back.title.endswith("done")


def test_a_broken_stateful_set_comes_back_by_one_order(talk: Talk, kit: KubernetesKit) -> None:
    """Kubernetes alone would wait for the broken pod for ever."""
    bench = Bench(kit)
    bench.running(Wanted(name="ledger", kind=Kind.STATEFUL_SET, replicas=2))
    bench.do(bench.look("ledger"), SetImage("app", Image("registry.local/ledger", "missing")))
    kit.until(lambda: any(c.now.reason == "ErrImagePull" for p in bench.new_pods("ledger") for c in p.containers), "it")
    back = talk.say("rollback ledger in staging")
    assert (back.tone, back.title) == (Tone.GOOD, "ledger back to 1 in staging · done")
    assert bench.look("ledger").ready == 2


def test_what_an_autoscaler_scales_is_refused_and_shown(talk: Talk, kit: KubernetesKit) -> None:
    kit.autoscale("adder", 2, 3)
    kit.expose("adder", "NodePort")
    said = talk.say("scale adder 9")
    assert said.title == "adder is scaled by an autoscaler between 2 and 3; it would undo 9 within seconds."
    command = next(line.strip() for line in said.body.splitlines() if line.strip().startswith("kubectl patch hpa"))
    kit.kubectl(*shlex.split(command)[1:])
    fields = {f.name: f.value for f in talk.say("status adder").fields}
    assert fields["autoscaler"].startswith("2–9, now ")
    assert fields["reached at"].endswith("of every node (NodePort)")


def test_what_argo_cd_keeps_is_refused(talk: Talk, kit: KubernetesKit) -> None:
    tracking = f"argocd.argoproj.io/tracking-id=shop:apps/Deployment:{kit.namespace}/adder"
    kit.kubectl("annotate", "deployment", "adder", tracking)
    said = talk.say("deploy adder 2")
    assert said.title == "adder in staging belongs to Argo CD (application shop)."
    assert {f.name: f.value for f in talk.say("status adder").fields}["kept by"] == "Argo CD (application shop)"


def test_a_crash_shows_its_last_words(talk: Talk) -> None:
    said = talk.say("deploy adder crash")
    assert said.tone is Tone.BAD
    assert "panic: no database" in said.body + talk.say("why adder").body


def test_what_kubectl_does_is_followed_with_who_did_it(talk: Talk, kit: KubernetesKit) -> None:
    kit.set_image("adder", "registry.local/adder:2")
    talk.until(lambda: any("kubectl" in repr(m.reply) and m.final for m in talk.messages()))
