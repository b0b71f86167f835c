"""What happened since the start, counted by what it was: added to on any thread, read by whoever asks."""

from collections import Counter
from collections.abc import Hashable
from threading import Lock
from typing import Generic, TypeVar

What = TypeVar("What", bound=Hashable)


class Counts(Generic[What]):
    """Of kinds that the code or the configuration names, never of words from outside: they would be without end."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counted: Counter[What] = Counter()

    def add(self, what: What) -> None:
        with self._lock:
            self._counted[what] += 1

    def all(self) -> dict[What, int]:
        with self._lock:
            return dict(self._counted)
