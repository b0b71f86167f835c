"""When what is watched cannot be, and since when: one word about it, for all the streams of one watch."""

import logging
from threading import Event, Lock

from bot.core.errors import QuarterdeckError

log = logging.getLogger(__name__)


class Outage:
    """Said once, however many streams it stops and however long it lasts. A single cut is not worth a word."""

    def __init__(self, name: str) -> None:
        self.began = Event()
        self._name = name
        self._lock = Lock()
        self._stopped: set[str] = set()
        self._blind: dict[str, str] = {}
        self._said = False

    @property
    def why(self) -> str:
        """What keeps from being seen what was seen before; empty while all of it is."""
        with self._lock:
            return next(iter(self._blind.values()), "")

    def blinds(self, path: str, error: QuarterdeckError) -> None:
        """What was never seen is missed by nobody: a right that was never granted is told at the start."""
        with self._lock:
            self._blind[path] = error.sentence

    def sees(self, path: str) -> None:
        with self._lock:
            self._blind.pop(path, None)

    def begins(self, path: str, error: QuarterdeckError, *, again: bool) -> None:
        with self._lock:
            self._stopped.add(path)
            self.began.set()
            if again and not self._said:
                self._said = True
                log.warning("%s cannot be watched: %s %s %s", self._name, error.sentence, error.fact, error.hint)

    def ends(self, path: str) -> None:
        with self._lock:
            self._stopped.discard(path)
            if self._stopped:
                return
            self.began.clear()
            if self._said:
                self._said = False
                log.info("%s is watched again", self._name)
