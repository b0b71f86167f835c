"""Builds as hooks tell them: kept at once, worked on later by one thread.

What was kept and not yet told stands so in the store, so a crash or a flood loses nothing, and of a build that went on
meanwhile only the newest is told.
"""

import logging
from collections.abc import Callable
from threading import Event, Thread

from msgspec.structs import replace

from bot.core.errors import Busy, QuarterdeckError, Unavailable
from bot.core.events import Build
from bot.store import Store

log = logging.getLogger(__name__)
AT_ONCE = 50
PATIENCE = 5.0
BREATH = 0.02


class Intake:
    def __init__(self, store: Store, tell: Callable[[Build], None]) -> None:
        self._store = store
        self._tell = tell
        self._wake = Event()
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="intake", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """What is left is found in the store by whoever is next."""
        self._stopping.set()
        self._wake.set()
        self._thread.join(10)

    def build(self, build: Build) -> None:
        self._store.save_build(self._named(build))
        self.nudge()

    def _named(self, build: Build) -> Build:
        """GitHub calls a tag a branch when it tells of a run; the push that came before it knows better."""
        if build.tool != "github" or build.tag or not (build.branch and build.revision):
            return build
        pushed = self._store.commits(build.revision)
        tagged = any(c.tag == build.branch and c.repository == build.repository for c in pushed)
        return replace(build, tag=build.branch) if tagged else build

    def nudge(self) -> None:
        self._wake.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.wait()
            self._wake.clear()
            try:
                self._work()
            except QuarterdeckError as error:
                log.warning("builds wait to be told: %s", error.sentence)
                self._wake.wait(PATIENCE)
                self._wake.set()

    def _work(self) -> None:
        while not self._stopping.is_set() and (builds := self._store.untold_builds(AT_ONCE)):
            for build in builds:
                self._one(build)
                self._store.build_told(build)
                self._give_way()

    def _give_way(self) -> None:
        """While more come in, keeping them comes first: whoever sends them may not wait, and may not try again."""
        if self._wake.is_set():
            self._wake.clear()
            self._stopping.wait(BREATH)

    def _one(self, build: Build) -> None:
        """A store that is away comes back; what is broken otherwise would hold up all that come after."""
        try:
            self._tell(build)
        except (Busy, Unavailable):
            raise
        except Exception:
            log.exception("telling of %s", build.key)
