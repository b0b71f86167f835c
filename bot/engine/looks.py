"""One look at a thing at a time, and one more where somebody asked meanwhile: a burst of words costs two looks."""

from collections.abc import Callable
from functools import partial
from threading import Lock

from bot.core.errors import Busy
from bot.workers import Job


class Looks:
    def __init__(self, look: Callable[[str], None], submit: Callable[[Job], None]) -> None:
        self._look = look
        self._submit = submit
        self._asked: set[str] = set()
        self._under_way: set[str] = set()
        self._lock = Lock()

    def ask(self, name: str) -> None:
        """Busy where no more can wait."""
        with self._lock:
            waits = name in self._asked
            self._asked.add(name)
            if waits or name in self._under_way:
                return
        self._begin(name)

    def _begin(self, name: str) -> None:
        try:
            self._submit(partial(self._run, name))
        except Busy:
            with self._lock:
                self._asked.discard(name)
            raise

    def _run(self, name: str) -> None:
        with self._lock:
            self._asked.discard(name)
            self._under_way.add(name)
        try:
            self._look(name)
        finally:
            with self._lock:
                self._under_way.discard(name)
                again = name in self._asked
            if again:
                self._begin(name)
