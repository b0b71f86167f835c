"""What was seen and not yet looked at: the newest of each thing, so that a storm costs no more than its objects."""

from collections.abc import Hashable
from threading import Condition

from bot.workers import Job


class Mailbox:
    def __init__(self) -> None:
        self._waiting: dict[Hashable, Job] = {}
        self._changed = Condition()
        self._closed = False

    def put(self, key: Hashable, job: Job) -> None:
        with self._changed:
            self._waiting[key] = job
            self._changed.notify()

    def take(self, timeout: float | None) -> list[Job]:
        """Everything that waits, in the order it first came; empty after the timeout."""
        with self._changed:
            if not self._waiting and not self._closed:
                self._changed.wait(timeout)
            waiting, self._waiting = self._waiting, {}
        return list(waiting.values())

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
