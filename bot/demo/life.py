"""What happens by itself: now and then a build starts, ends well or not, and pushes a new image."""

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from random import Random
from threading import Event, Thread

from msgspec.structs import replace

from bot.core.catalogue import Catalogue, Service
from bot.core.clock import Clock
from bot.core.events import Build, BuildPhase, BuildResult
from bot.demo.history import AUTHORS, SUBJECTS, Commit, image
from bot.demo.world import finished
from bot.registry.memory import MemoryRegistry

log = logging.getLogger(__name__)
BETWEEN = (70.0, 160.0)
FAILS = 0.2
FIRST_NUMBER = 500


class Life:
    """`tell` is told of every build as a webhook would tell it."""

    def __init__(
        self, catalogue: Catalogue, registry: MemoryRegistry, clock: Clock, tell: Callable[[Build], None]
    ) -> None:
        self._services = [s for s in catalogue.services.values() if s.builds]
        self._registry = registry
        self._clock = clock
        self._tell = tell
        self._random = Random(20261120)  # noqa: S311 - a game, and the same one each time
        self._number = FIRST_NUMBER
        self._ended = Event()
        self._thread = Thread(target=self._live, name="demo-life", daemon=True)

    def start(self) -> None:
        if self._services:
            self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(5)

    def _live(self) -> None:
        while not self._sleep(self._random.uniform(*BETWEEN)):
            try:
                self._build(self._random.choice(self._services))
            except Exception:
                log.exception("the demo's life")

    def _build(self, service: Service) -> None:
        self._number += 1
        seconds = self._random.uniform(20, 45)
        commit = Commit(
            f"{self._random.getrandbits(28):07x}", self._clock.now(), self._one(AUTHORS), self._one(SUBJECTS)
        )
        done = finished(service.builds[0], self._number, commit, seconds)
        began = replace(done, phase=BuildPhase.STARTED, result=None, seconds=None, started=commit.at)
        self._tell(began)
        if self._sleep(seconds):
            return
        result = BuildResult.FAILURE if self._random.random() < FAILS else BuildResult.SUCCESS
        self._tell(replace(done, result=result, started=commit.at))
        if result is BuildResult.SUCCESS:
            for repository in dict.fromkeys(service.repositories.values()):
                self._registry.push(image(repository, commit.tag, commit.at + timedelta(seconds=seconds)))

    def _one(self, things: Sequence[str]) -> str:
        return self._random.choice(things)

    def _sleep(self, seconds: float) -> bool:
        return self._ended.wait(self._clock.real(seconds))
