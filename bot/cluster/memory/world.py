"""Everything that exists in the simulated cluster, and the alarms that move it on."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import Any
from uuid import UUID

from msgspec import Struct

from bot.cluster.memory.behaviour import Behave, Behaviour, Trouble, by_words
from bot.cluster.memory.eventlog import EventLog
from bot.cluster.memory.spec import ALPHABET
from bot.cluster.memory.state import Item, PodState
from bot.core.workload import ClusterEvent, Kind

NODES = ("worker-1", "worker-2", "worker-3")

Thing = Item | PodState


class Quota(Struct, frozen=True):
    name: str
    pods: int


class World:
    """One seed, one story: names and delays come from the cluster's name alone."""

    def __init__(self, name: str, now: datetime, behave: Behave) -> None:
        self.now = now
        self.random = Random(name)  # noqa: S311
        self.items: dict[tuple[str, Kind, str], Item] = {}
        self.pods: dict[tuple[str, str], PodState] = {}
        self.quotas: dict[str, Quota] = {}
        self.services: dict[tuple[str, str], dict[str, Any]] = {}
        self.absent: set[str] = set()
        self.events = EventLog()
        self.dirty: dict[tuple[str, Kind, str], Item] = {}
        self.news: dict[str, tuple[Thing, bool]] = {}
        self.hurry = False
        self._behave = behave
        self.lost_images: set[str] = set()
        self._versions = count(1)
        self._alarms: list[tuple[datetime, int, Thing]] = []
        self._order = count()

    def behaviour(self, image: str) -> Behaviour:
        lost = image in self.lost_images
        return Behaviour(Trouble.MISSING) if lost else self._behave(image) or by_words(image)

    def suffix(self) -> str:
        return "".join(self.random.choices(ALPHABET, k=5))

    def uid(self) -> str:
        return str(UUID(int=self.random.getrandbits(128), version=4))

    def jitter(self, seconds: float) -> float:
        return seconds * self.random.uniform(0.7, 1.6)

    def touch(self, thing: Thing) -> None:
        """It changed: watchers hear of it, and of a pod its controller too."""
        item = thing if isinstance(thing, Item) else thing.item
        if isinstance(thing, Item):
            thing.resource_version = next(self._versions)
        else:
            self.disturb(item)
        self.news.pop(thing.uid, None)
        self.news[thing.uid] = (thing, True)

    def disturb(self, item: Item) -> None:
        """Its controller looks at it before the present moment is over."""
        if self.items.get(item.key) is item:
            self.dirty[item.key] = item

    def gone(self, thing: Thing) -> None:
        self.news.pop(thing.uid, None)
        self.news[thing.uid] = (thing, False)

    def event(
        self,
        about: tuple[str, str, str],
        reason: str,
        message: str,
        *,
        warning: bool = True,
        container: str | None = None,
    ) -> None:
        namespace, kind, name = about
        self.events.record(namespace, ClusterEvent(kind, name, reason, message, self.now, warning, container=container))

    def wake(self, thing: Thing, at: datetime | None) -> None:
        if at is not None:
            heappush(self._alarms, (at, next(self._order), thing))

    def next_due(self) -> datetime | None:
        return self._alarms[0][0] if self._alarms else None

    def ring(self) -> Iterator[Thing]:
        """Whose alarm has rung by now."""
        while self._alarms and self._alarms[0][0] <= self.now:
            yield heappop(self._alarms)[2]

    @contextmanager
    def past(self, at: datetime) -> Iterator[None]:
        """Let something have happened at an earlier time, at once."""
        present, self.now, self.hurry = self.now, at, True
        try:
            yield
        finally:
            self.now, self.hurry = present, False
