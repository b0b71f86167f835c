"""What an order asks of the API server, counted by the server."""

import json
import subprocess
import sys

from bot.core.workload import Image, Kind, Scale, SetImage, Undo
from tests.cluster.plane import ACCOUNT, Plane
from tests.contract.cluster_kit import Bench, Wanted
from tests.contract.kubernetes_kit import KubernetesKit

MOST = 4
TWO = SetImage("app", Image("registry.local/adder", "2"))


def asked(real: Plane, namespace: str) -> list[str]:
    records = map(json.loads, real.control.audit_log.read_text().splitlines())
    mine = [r for r in records if r["user"]["username"] == ACCOUNT and r["objectRef"].get("namespace") == namespace]
    return [f"{r['verb']} {r['requestURI']}" for r in mine]


def test_no_order_on_a_deployment_asks_more_than_four_times(real: Plane, kit: KubernetesKit) -> None:
    bench = Bench(kit)
    bench.running(Wanted(replicas=1))
    spent: dict[str, list[str]] = {}

    def count(order: str, before: int) -> None:
        spent[order] = asked(real, kit.namespace)[before:]

    before = len(asked(real, kit.namespace))
    bench.do(bench.look(), TWO)
    count("deploy by name alone", before)
    workload = bench.rolled_out()
    before = len(asked(real, kit.namespace))
    bench.do(bench.look(kind=Kind.DEPLOYMENT), Scale(2))
    count("scale", before)
    bench.rolled_out()
    before = len(asked(real, kit.namespace))
    workload = bench.look(kind=Kind.DEPLOYMENT)
    kit.cluster.revisions(workload)
    bench.do(workload, Undo(1))
    count("rollback", before)
    assert {order: len(calls) for order, calls in spent.items() if len(calls) > MOST} == {}
    assert len(spent["deploy by name alone"]) == MOST


def test_the_library_is_loaded_by_the_first_call_only() -> None:
    """`version` and the demo never pay for it."""
    code = "import sys, bot.cluster.kubernetes as k; k.KubernetesCluster('main', k.Access()); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    loaded = set(done.stdout.split())
    assert loaded.isdisjoint({"kubernetes", "urllib3", "pydantic", "aiohttp", "yaml"})
