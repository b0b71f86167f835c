"""What a cluster costs: `python -m tests.bench.cluster`.

Orders and events on a real control plane; then a watch of many objects, copied from its own, by a process of its own.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from threading import Semaphore
from typing import Any

from bot.cluster import Sighting
from bot.core.workload import Image, Kind, Pause, Scale, SetImage, Workload
from config.places import Scope
from tests.cluster.plane import Plane, end, kubeconfig, plane
from tests.contract.cluster_kit import ENVIRONMENT, Bench, Wanted
from tests.contract.kubernetes_kit import KubernetesKit
from tests.servers.find import Missing

ROUNDS = 300
CROWDS = ((5, 20), (5000, 20_000))


def main() -> None:
    try:
        real = plane()
    except Missing as missing:
        print(missing)
        return
    try:
        _measure(real)
    finally:
        end()


def _measure(real: Plane) -> None:
    kit = KubernetesKit(real)
    workload = Bench(kit).running(Wanted(replicas=1))
    print(f"{'ms, on a real API server':34}{'p50':>9}{'p99':>9}")
    _orders(kit, workload)
    _events(kit, workload)
    samples = _samples(kit)
    kit.close()
    for workloads, pods in CROWDS:
        for scope in Scope:
            _crowd(samples, workloads, pods, scope)


def _orders(kit: KubernetesKit, workload: Workload) -> None:
    """On a paused one, so that no rollout takes the time away."""
    cluster, bench = kit.cluster, Bench(kit)
    bench.do(workload, Pause())
    pod = cluster.pods(workload)[0]

    def deploy(number: int) -> None:
        bench.do(bench.look(kind=Kind.DEPLOYMENT), SetImage("app", Image("registry.local/adder", str(number))))

    calls: dict[str, Callable[[int], object]] = {
        "find, its kind known": lambda _: bench.look(kind=Kind.DEPLOYMENT),
        "find by name alone": lambda _: bench.look(),
        "deploy: find and apply": deploy,
        "pods": lambda _: cluster.pods(workload),
        "revisions": lambda _: cluster.revisions(workload),
        "events": lambda _: cluster.events(workload),
        "logs": lambda _: cluster.logs(pod, "app"),
        "permissions of a namespace": lambda _: cluster.permissions([kit.namespace]),
        "scale: find and apply": lambda n: bench.do(bench.look(kind=Kind.DEPLOYMENT), Scale(n % 2)),
    }
    for name, call in calls.items():
        _print(name, [_timed(call, number) for number in range(ROUNDS // (10 if "permissions" in name else 1))])


def _events(kit: KubernetesKit, workload: Workload) -> None:
    """From the answer to a patch until we were told; before it counts as nothing."""
    told: list[float] = []
    news = Semaphore(0)

    def notice(sighting: Sighting) -> None:
        if isinstance(sighting.thing, Workload):
            told.append(time.perf_counter())
            news.release()

    kit.cluster.watch({ENVIRONMENT: kit.namespace}, notice)
    took = []
    for number in range(ROUNDS):
        while news.acquire(timeout=0.05):
            pass
        kit.cluster.annotate(workload.target, {"bench": str(number)})
        answered = time.perf_counter()
        news.acquire(timeout=5)
        took.append(max(0.0, told[-1] - answered) * 1000)
    _print("API event to our event", took)


def _samples(kit: KubernetesKit) -> dict[str, Any]:
    """One of each as the server really gives it, its name and uids to be filled in."""
    found: dict[str, Any] = {}
    for kind in ("deployments", "replicasets", "pods"):
        objects = json.loads(kit.kubectl("get", kind, "-o", "json", "--show-managed-fields"))["items"]
        text = json.dumps(next(o for o in objects if o.get("spec", {}).get("replicas") != 0 or kind == "deployments"))
        meta = json.loads(text)["metadata"]
        found[kind] = json.loads(text.replace(meta["uid"], f"uid-ADDER{'POD' if kind == 'pods' else '-' + kind}"))
        for owner in meta.get("ownerReferences", []):
            plural = "deployments" if owner["kind"] == "Deployment" else "replicasets"
            found[kind] = json.loads(json.dumps(found[kind]).replace(owner["uid"], f"uid-ADDER-{plural}"))
        name = "ADDERPOD" if kind == "pods" else "ADDER"
        found[kind]["metadata"] |= {"name": name, "namespace": "micro"}
        found[kind]["metadata"].setdefault("annotations", {})
    return found


@contextmanager
def _served(samples: dict[str, Any], workloads: int, pods: int) -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "samples.json"
        path.write_text(json.dumps(samples))
        command = [sys.executable, "-m", "tests.bench._crowd", str(path), str(workloads), str(pods)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout
            url = f"http://127.0.0.1:{server.stdout.readline().strip()}"
            config = Path(folder) / "kubeconfig"
            config.write_text(json.dumps(kubeconfig(url, {"token": "t"})))
            yield config
            server.terminate()


def _crowd(samples: dict[str, Any], workloads: int, pods: int, scope: str) -> None:
    with _served(samples, workloads, pods) as config:
        command = [sys.executable, "-m", "tests.bench._watcher", str(config), str(ROUNDS), scope]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    figures = json.loads(done.stdout)
    shown = " · ".join(f"{name} {value:.2f}" for name, value in figures.items())
    print(f"watch of {workloads} workloads and {pods} pods, scope {scope}: {shown}")


def _timed(call: Callable[[int], object], number: int) -> float:
    start = time.perf_counter()
    call(number)
    return (time.perf_counter() - start) * 1000


def _print(name: str, took: list[float]) -> None:
    cut = quantiles(took, n=100)
    print(f"{name:34}{cut[49]:9.2f}{cut[98]:9.2f}", flush=True)


if __name__ == "__main__":
    main()
