"""What watching registries costs and how soon a push is known: `python -m tests.bench.watching`.

Poller, store and web edge are the real ones, and so is the registry, in a process of its own: what is counted here is
the bot alone.
"""

import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from queue import SimpleQueue
from statistics import median
from threading import Event

import httpx

from bot.clock import SystemClock
from bot.cluster.memory import MemoryCluster
from bot.core.catalogue import Catalogue, Environment, Service, Watch
from bot.core.events import TagFound
from bot.core.secret import Secret
from bot.engine.poll import Poller
from bot.ports import Ports
from bot.registry.hooks import Hook
from bot.registry.oci import Access, OciRegistry
from bot.store.sql import SqlStore
from bot.web.hooks import hook_routes
from bot.web.server import WebServer
from tests.servers.registry import Registry

SECRET = "for-the-bench"
PUSHES = 20


class Counting(OciRegistry):
    looks = 0

    def tags(self, repository: str) -> list[str]:
        self.looks += 1
        return super().tags(repository)


@dataclass
class Scene:
    real: Registry
    registry: Counting
    poller: Poller
    found: "SimpleQueue[tuple[float, TagFound]]"

    def push(self, number: int, tag: str) -> float:
        self.real.push(f"team/r{number}", tag)
        return time.perf_counter()

    def next(self) -> float:
        return self.found.get(timeout=60)[0]


@contextmanager
def watching(repositories: int, every: float) -> Iterator[Scene]:
    with Registry() as real, tempfile.TemporaryDirectory() as folder:
        for n in range(repositories):
            real.push(f"team/r{n}", "v1.0.0")
        registry = Counting({real.host: Access(plain_http=True)})
        store = SqlStore(f"sqlite:///{folder}/bench.db")
        store.migrate()
        watch = Watch("semver", "*", every=timedelta(seconds=every))
        services = {
            f"r{n}": Service(f"r{n}", {"*": f"{real.host}/team/r{n}"}, watch=watch) for n in range(repositories)
        }
        catalogue = Catalogue({"staging": Environment("staging", "main", "micro")}, services)
        clock = SystemClock()
        ports = Ports(lambda: catalogue, {"main": MemoryCluster("main", clock)}, registry, store, clock, {})
        found: SimpleQueue[tuple[float, TagFound]] = SimpleQueue()
        poller = Poller(
            ports,
            lambda tag: found.put((time.perf_counter(), tag)),
            lambda _request: None,
            lambda _key, _reply: None,
        )
        poller.start()
        poller.take_over()
        _until_seen(store, services)
        try:
            yield Scene(real, registry, poller, found)
        finally:
            poller.stop()
            registry.close()
            store.close()


def _until_seen(store: SqlStore, services: dict[str, Service]) -> None:
    for service in services.values():
        while store.tags_seen(service.repositories["*"]) is None:
            Event().wait(0.05)


def main() -> None:
    _by_schedule(200, 10.0)
    _by_hook()
    _cost(1000, 60.0)


def _by_schedule(repositories: int, every: float) -> None:
    with watching(repositories, every) as scene:
        took = []
        for turn in range(PUSHES):
            pushed = scene.push(turn * 7 % repositories, f"v1.{turn + 1}.0")
            took.append(scene.next() - pushed)
            Event().wait(0.37)
    _say(f"push → known, {repositories} every {every:g} s", took)


def _by_hook() -> None:
    """The registry's own time is that of the same questions, asked by the same client."""
    with watching(200, 3600.0) as scene:
        hook = Hook("house", "generic", Secret(SECRET), scene.real.host)
        server = WebServer(
            hook_routes("registry", {"house": hook}, scene.poller.pushed, lambda *_: None), "127.0.0.1", 0
        )
        took, own = [], []
        with httpx.Client(base_url=f"http://127.0.0.1:{server.start()}", trust_env=False) as client:
            for turn in range(PUSHES):
                repository = f"team/r{turn}"
                scene.push(turn, "v1.1.0")
                told = time.perf_counter()
                client.post(f"/hooks/registry/house/{SECRET}", json={"repository": repository}).raise_for_status()
                took.append(scene.next() - told)
                own.append(_registry_time(scene, repository))
        server.stop()
    _say("hook → known", took)
    _say("of which the registry", own)


def _registry_time(scene: Scene, repository: str) -> float:
    """A new client, so that nothing is remembered."""
    registry = OciRegistry({scene.real.host: Access(plain_http=True)})
    start = time.perf_counter()
    registry.tags(f"{scene.real.host}/{repository}")
    registry.describe(f"{scene.real.host}/{repository}", ["v1.1.0"])
    took = time.perf_counter() - start
    registry.close()
    return took


def _cost(repositories: int, seconds: float) -> None:
    before = _resident()
    with watching(repositories, seconds) as scene:
        Event().wait(seconds * 0.2)
        cpu, looks = time.process_time(), scene.registry.looks
        Event().wait(seconds)
        cpu, looks = time.process_time() - cpu, scene.registry.looks - looks
        grown = _resident() - before
    name = f"{repositories} repositories a minute"
    print(f"{name:36}{cpu / seconds:9.1%} of a core, {looks} looks, {grown:.1f} MiB more than nothing")


def _say(name: str, took: list[float]) -> None:
    print(f"{name:36}{median(took) * 1000:9.1f} ms, at worst {max(took) * 1000:.1f} ms")


def _resident() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1024**2


if __name__ == "__main__":
    main()
