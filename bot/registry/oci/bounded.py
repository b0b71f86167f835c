"""What was learned once and need not be asked again, as much of it as there is room for."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Bounded(Generic[K, V]):
    """What was not used for longest goes first; `gone` is told what went."""

    def __init__(self, most: int, gone: Callable[[V], None] | None = None) -> None:
        self._most = most
        self._gone = gone
        self._held: OrderedDict[K, V] = OrderedDict()
        self._lock = Lock()

    def get(self, key: K) -> V | None:
        with self._lock:
            if key not in self._held:
                return None
            self._held.move_to_end(key)
            return self._held[key]

    def get_or_make(self, key: K, make: Callable[[], V]) -> V:
        """Made once, even when several ask at the same time."""
        with self._lock:
            made = self._held[key] if key in self._held else make()
            dropped = self._keep(key, made)
        self._tell(dropped)
        return made

    def put(self, key: K, value: V) -> None:
        with self._lock:
            dropped = self._keep(key, value)
        self._tell(dropped)

    def drop(self, key: K) -> None:
        with self._lock:
            self._held.pop(key, None)

    def clear(self) -> None:
        with self._lock:
            dropped = list(self._held.values())
            self._held.clear()
        self._tell(dropped)

    def _keep(self, key: K, value: V) -> list[V]:
        self._held[key] = value
        self._held.move_to_end(key)
        return [self._held.popitem(last=False)[1] for _ in range(len(self._held) - self._most)]

    def _tell(self, dropped: list[V]) -> None:
        if self._gone:
            for value in dropped:
                self._gone(value)
