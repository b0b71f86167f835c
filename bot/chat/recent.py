"""Things remembered for a while, and never too many of them."""

from collections import OrderedDict
from collections.abc import Hashable
from datetime import datetime, timedelta
from threading import Lock
from typing import Generic, TypeVar

from bot.core.clock import Clock

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Recent(Generic[Key, Value]):
    """The oldest are forgotten first. One lock guards it."""

    def __init__(self, clock: Clock, lasting: timedelta, most: int) -> None:
        self._clock = clock
        self._lasting = lasting
        self._most = most
        self._lock = Lock()
        self._kept: OrderedDict[Key, tuple[datetime, Value]] = OrderedDict()

    def get(self, key: Key) -> Value | None:
        with self._lock:
            return self._standing(key)

    def standing(self) -> list[Key]:
        """Everything that is remembered, the oldest first."""
        with self._lock:
            return [key for key in self._kept if self._standing(key) is not None]

    def put(self, key: Key, value: Value) -> None:
        with self._lock:
            self._put(key, value)

    def first(self, key: Key, value: Value) -> Value | None:
        """None for whoever comes first, whose value is kept; for the others the value of the first."""
        with self._lock:
            standing = self._standing(key)
            if standing is None:
                self._put(key, value)
            return standing

    def take(self, key: Key) -> Value | None:
        """And it is forgotten."""
        with self._lock:
            standing = self._standing(key)
            self._kept.pop(key, None)
            return standing

    def _standing(self, key: Key) -> Value | None:
        found = self._kept.get(key)
        return found[1] if found and self._clock.now() - found[0] < self._lasting else None

    def _put(self, key: Key, value: Value) -> None:
        self._kept[key] = (self._clock.now(), value)
        self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
