"""One bot's watch in a fresh process: `python -m tests.bench._watcher KUBECONFIG ROUNDS SCOPE` prints its figures."""

import json
import resource
import sys
import time
import urllib.request
from pathlib import Path
from statistics import quantiles
from threading import Semaphore

from bot.cluster import Sighting
from bot.core.workload import Kind, Workload
from tests.bench._crowd import SENT


class Ear:
    def __init__(self) -> None:
        self.told = 0
        self.took: list[float] = []
        self.news = Semaphore(0)

    def notice(self, sighting: Sighting) -> None:
        now = time.monotonic()
        self.told += 1
        if isinstance(sighting.thing, Workload) and (sent := sighting.thing.annotations.get(SENT)):
            self.took.append((now - float(sent)) * 1000)
            self.news.release()


def memory() -> float:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def main() -> None:
    began = time.perf_counter()
    from bot.cluster.kubernetes import Access, KubernetesCluster

    cluster = KubernetesCluster("main", Access(Path(sys.argv[1])), whole=sys.argv[3] == "cluster")
    cluster.find("bench", "micro", "adder", Kind.DEPLOYMENT)
    started = (time.perf_counter() - began) * 1000
    cpu, ear = time.process_time(), Ear()
    cluster.watch({"bench": "micro"}, ear.notice)
    synced = time.process_time() - cpu
    url = json.loads(Path(sys.argv[1]).read_text())["clusters"][0]["cluster"]["server"]
    for number in range(int(sys.argv[2])):
        urllib.request.urlopen(f"{url}/touch?n={number % 5}", timeout=5).close()
        ear.news.acquire(timeout=5)
    cut = quantiles(ear.took, n=100)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures = {"start ms": started, "told": ear.told, "sync CPU s": synced, "p50": cut[49], "p99": cut[98]}
    print(json.dumps({**figures, "RSS MiB": memory(), "peak MiB": peak}))
    cluster.stop()


if __name__ == "__main__":
    main()
