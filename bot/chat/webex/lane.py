"""A bounded queue with threads of its own, where a job may also wait for its time.

Webex tells only that something was said; what it was has to be asked for, and asking may be put off by a 429. A job
that waits holds no thread.
"""

import heapq
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from threading import Condition, Thread

from bot.core.clock import Clock
from bot.core.errors import Busy

log = logging.getLogger(__name__)
Job = Callable[[], object]


class Lane:
    """`start` once and `stop` once."""

    def __init__(self, name: str, threads: int, bound: int, clock: Clock) -> None:
        self._clock = clock
        self._bound = bound
        self._changed = Condition()
        self._waiting: list[tuple[datetime, int, Job]] = []
        self._numbers = count()
        self._stopping = False
        self._threads = [Thread(target=self._run, name=f"{name}-{n}", daemon=True) for n in range(threads)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def put(self, job: Job, after: float = 0.0) -> None:
        """Busy where too much waits already, or nothing is taken any more."""
        with self._changed:
            if self._stopping or len(self._waiting) >= self._bound:
                raise Busy(f"{len(self._waiting):,} orders are waiting already.")
            due = self._clock.now() + timedelta(seconds=after)
            heapq.heappush(self._waiting, (due, next(self._numbers), job))
            self._changed.notify()

    def stop(self, timeout: float) -> None:
        """What is due is done first, as far as the time goes; what waits for its time is given up."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(timeout)
        with self._changed:
            if self._waiting:
                log.warning("%d orders that waited were given up at the end", len(self._waiting))

    def _run(self) -> None:
        while job := self._next():
            try:
                job()
            except Exception:
                log.exception("an order could not be handed over")

    def _next(self) -> Job | None:
        with self._changed:
            while True:
                left = self._seconds_left()
                if left is not None and left <= 0:
                    return heapq.heappop(self._waiting)[2]
                if self._stopping:
                    return None
                self._changed.wait(None if left is None else self._clock.real(left))

    def _seconds_left(self) -> float | None:
        """Until the first job is due; None where there is none."""
        return (self._waiting[0][0] - self._clock.now()).total_seconds() if self._waiting else None
