"""What an order asks of the API server, counted by the server, of a bot that watches as it always does."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.chat.console.room import Room
from bot.clock import SystemClock
from bot.core.model import Tone
from bot.core.workload import Image, Kind, PodName, Scale, SetImage, Undo
from bot.parts import make_parts
from bot.registry.memory import MemoryRegistry
from commands import load as load_commands
from config import load
from tests.cluster.plane import ACCOUNT, Plane
from tests.contract.cluster_kit import ENVIRONMENT, Bench, Ear, Wanted
from tests.contract.kubernetes_kit import KubernetesKit
from tests.unit.talk import Talk

MOST = 4
TWO = SetImage("app", Image("registry.local/adder", "2"))
MISSING = SetImage("app", Image("registry.local/adder", "missing"))
Spent = Callable[[], list[str]]
MICRO = """
store: "sqlite:///{folder}/bot.db"
clusters: {{main: {{simulated: true}}}}
environments: {{staging: {{cluster: main, namespace: {namespace}, settle: 1s}}}}
services: {{webapp: {{repository: registry.local/webapp, default_environment: staging, template: micro, port: 80}}}}
templates: {{micro: [deployment.yaml, service.yaml]}}
"""
TEMPLATES = Path(__file__).parents[2] / "config" / "templates"


def asked(real: Plane, namespace: str) -> list[str]:
    """Watches, and the lists they begin with, are no part of an order."""
    records = map(json.loads, real.control.audit_log.read_text().splitlines())
    mine = [r for r in records if r["user"].get("username") == ACCOUNT and r["objectRef"].get("namespace") == namespace]
    return [f"{r['verb']} {r['requestURI']}" for r in mine if r["verb"] != "watch"]


@pytest.fixture
def bench(kit: KubernetesKit) -> Bench:
    kit.cluster.watch({ENVIRONMENT: kit.namespace}, Ear().notice)
    return Bench(kit)


@pytest.fixture
def spent(real: Plane, kit: KubernetesKit) -> Spent:
    """Since it was asked last."""
    before = 0

    def now() -> list[str]:
        nonlocal before
        found = asked(real, kit.namespace)
        since, before = found[before:], len(found)
        return since

    return now


@pytest.fixture
def talk(kit: KubernetesKit, tmp_path: Path) -> Iterator[Talk]:
    config = tmp_path / "bot.yaml"
    config.write_text(MICRO.format(folder=tmp_path, namespace=kit.namespace))
    for template in TEMPLATES.iterdir():
        (tmp_path / template.name).write_text(template.read_text())
    registry = MemoryRegistry()
    for tag in ("3f2a91c", "77be001"):
        registry.push(Image("registry.local/webapp", tag))
    parts = replace(make_parts(load(config, {}), SystemClock()), clusters={"main": kit.cluster}, registry=registry)
    talk = Talk(parts, Room(parts.clock), load_commands(), lead=True)
    talk.bot.start()
    yield talk
    talk.bot.stop()
    parts.close()


@pytest.mark.parametrize("kind", [Kind.DEPLOYMENT, Kind.STATEFUL_SET])
def test_no_order_by_name_alone_asks_more_than_four_times(bench: Bench, spent: Spent, kind: Kind) -> None:
    bench.running(Wanted(kind=kind, replicas=1))
    spent()
    bench.do(bench.look(), TWO)
    costs = {"deploy": spent()}
    bench.rolled_out()
    spent()
    workload = bench.look()
    assert bench.cluster.autoscaler(workload) is None
    bench.do(workload, Scale(2))
    costs["scale"] = spent()
    bench.rolled_out()
    spent()
    workload = bench.look()
    assert len(bench.cluster.revisions(workload)) == 2
    bench.do(workload, Undo(1))
    costs["rollback"] = spent()
    assert {order: calls for order, calls in costs.items() if len(calls) > MOST} == {}


def test_a_way_out_of_a_broken_rollout_costs_two_more(bench: Bench, spent: Spent) -> None:
    """Which pod is broken, and its end."""
    bench.running(Wanted(kind=Kind.STATEFUL_SET, replicas=1))
    bench.do(bench.look(), MISSING)
    bench.trouble("ErrImagePull")
    spent()
    workload = bench.look()
    bench.cluster.revisions(workload)
    (broken,) = bench.cluster.pods(workload)
    bench.do(workload, Undo(1))
    bench.cluster.delete_pod(workload.target, PodName(broken.name, broken.uid))
    assert len(spent()) <= MOST + 2


def test_a_first_deploy_costs_nine_and_to_apply_its_template_again_five(talk: Talk, spent: Spent) -> None:
    """docs/decisions says why: the whole bot is asked, for most of it is the question whether anything is there."""
    spent()
    assert talk.say("deploy webapp 3f2a91c").tone is Tone.GOOD
    assert ordered(spent()) == {"get": 5, "patch": 4}
    assert talk.say("deploy webapp 77be001 --template").tone is Tone.GOOD
    assert ordered(spent()) == {"get": 1, "patch": 4}


def ordered(calls: list[str]) -> Counter[str]:
    """Until its last write: what comes after it follows the rollout."""
    verbs = [call.split()[0] for call in calls]
    return Counter(verbs[: len(verbs) - verbs[::-1].index("patch")])


def test_a_name_that_nothing_was_told_of_is_asked_for_in_every_kind(kit: KubernetesKit, spent: Spent) -> None:
    """Before the first watch is up, and by whoever watches nothing."""
    bench = Bench(kit)
    bench.running(Wanted(replicas=1))
    spent()
    bench.do(bench.look(), TWO)
    assert len(spent()) == MOST


def test_the_library_is_loaded_by_the_first_call_only() -> None:
    """`version` and the demo never pay for it."""
    code = "import sys, bot.cluster.kubernetes as k; k.KubernetesCluster('main', k.Access()); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    loaded = set(done.stdout.split())
    assert loaded.isdisjoint({"kubernetes", "urllib3", "pydantic", "aiohttp", "yaml"})
