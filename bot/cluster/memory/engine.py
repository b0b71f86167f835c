"""The one lock, the one thread, and the present moment of a simulated cluster."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from threading import Condition, Thread, current_thread

from bot.cluster import Notice, Sight
from bot.cluster.memory import clockwork
from bot.cluster.memory.watchers import Watcher, Watchers
from bot.cluster.memory.world import World
from bot.core.clock import Clock

LONGEST_NAP = 1.0
SHORTEST_NAP = 0.005
PATIENCE = 5.0


class Engine:
    def __init__(self, world: World, clock: Clock, name: str) -> None:
        self._world = world
        self._clock = clock
        self._name = name
        self._moved = Condition()
        self._watchers = Watchers(name)
        self._thread: Thread | None = None
        self._stopped = False

    @contextmanager
    def present(self) -> Iterator[World]:
        """The world as it stands now; what is done to it is told when the block ends."""
        with self._moved:
            self._catch_up(self._clock.now())
            try:
                yield self._world
            finally:
                self._publish()
                self._moved.notify_all()

    def advance(self, now: datetime) -> None:
        with self._moved:
            self._catch_up(now)
            self._moved.notify_all()

    def watch(self, places: Mapping[str, str], notice: Notice) -> None:
        watcher = Watcher(places, notice)
        with self.present() as world:
            self._watchers.add(watcher)
            there = self._watchers.present(world, watcher)
        watcher.tell([watcher.sighting(Sight.SEEN, thing) for thing in there])
        with self._moved:
            watcher.listening = True
        self.start()

    @property
    def hidden(self) -> str:
        with self._moved:
            return self._watchers.hidden

    def break_off(self, hidden: str = "") -> None:
        with self._moved:
            self._watchers.hidden = hidden
            self._watchers.break_off()
            self._moved.notify_all()

    def start(self) -> None:
        with self._moved:
            if self._thread is None and not self._stopped:
                self._thread = Thread(target=self._drive, name=f"cluster-{self._name}", daemon=True)
                self._thread.start()
            self._moved.notify_all()

    def stop(self) -> None:
        with self._moved:
            self._stopped = True
            thread = self._thread
            self._moved.notify_all()
        if thread is not None and thread is not current_thread():
            thread.join(PATIENCE)

    def _catch_up(self, now: datetime) -> None:
        clockwork.advance(self._world, now, self._publish)

    def _publish(self) -> None:
        self._watchers.publish(self._world)

    def _drive(self) -> None:
        while True:
            with self._moved:
                if self._stopped:
                    return
                self._catch_up(self._clock.now())
                pending = self._watchers.pending(self._world)
                if not pending:
                    self._moved.wait(self._nap())
            for watcher, sightings in pending:
                watcher.tell(sightings)

    def _nap(self) -> float:
        due = self._world.next_due()
        if due is None:
            return LONGEST_NAP
        seconds = self._clock.real((due - self._world.now).total_seconds())
        return min(LONGEST_NAP, max(SHORTEST_NAP, seconds))
