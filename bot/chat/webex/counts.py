"""What came in and was not an order, counted by what was wrong with it. The sender is told none of it."""

from collections import Counter
from threading import Lock


class Counts:
    def __init__(self) -> None:
        self._lock = Lock()
        self._counted: Counter[str] = Counter()

    def add(self, what: str) -> None:
        with self._lock:
            self._counted[what] += 1

    def all(self) -> dict[str, int]:
        with self._lock:
            return dict(self._counted)
