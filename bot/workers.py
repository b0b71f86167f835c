"""A bounded pool of threads: who has work leaves it here and returns at once; a full pool answers Busy.

A job may wait for its time, and holds no thread meanwhile: what Webex puts off with a 429 has to be asked for later.
"""

import heapq
import logging
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count as counting
from threading import Condition, Thread
from time import monotonic

from bot.clock import SystemClock
from bot.core.clock import Clock
from bot.core.errors import Busy
from bot.core.words import count

Job = Callable[[], object]
log = logging.getLogger(__name__)


class Workers:
    """`start` once and `stop` once. The clock is that of the jobs that wait for their time."""

    def __init__(
        self, threads: int = 8, waiting: int = 256, *, name: str = "worker", clock: Clock | None = None
    ) -> None:
        self._bound = waiting
        self._clock = clock or SystemClock()
        self._changed = Condition()
        self._ready: deque[Job] = deque()
        self._later: list[tuple[datetime, int, Job]] = []
        self._numbers = counting()
        self._stopped = False
        self._threads = [Thread(target=self._run, name=f"{name}-{n}", daemon=True) for n in range(threads)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    @property
    def waiting(self) -> int:
        with self._changed:
            return len(self._ready) + len(self._later)

    def submit(self, job: Job, after: float = 0.0) -> None:
        with self._changed:
            if self._stopped:
                raise Busy("Quarterdeck is stopping.", hint="Try again in a minute.")
            if self.waiting >= self._bound:
                raise Busy(f"{self._bound:,} orders are waiting already.")
            if after > 0:
                heapq.heappush(self._later, (self._clock.now() + timedelta(seconds=after), next(self._numbers), job))
            else:
                self._ready.append(job)
            self._changed.notify()

    def stop(self, deadline: float = 20.0) -> None:
        """Take nothing new, finish what was taken and is due, within the deadline."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        end = monotonic() + deadline
        for thread in self._threads:
            thread.join(max(0.0, end - monotonic()))
        if dropped := self.waiting:
            log.warning("given up at the end: %s", count(dropped, "job"))

    def _run(self) -> None:
        while job := self._next():
            try:
                job()
            except Exception:
                log.exception("a job broke")

    def _next(self) -> Job | None:
        """None where there is nothing more to come."""
        with self._changed:
            while not (self._ready or self._is_due()):
                if self._stopped:
                    return None
                self._changed.wait(self._clock.real(self._seconds_left()) if self._later else None)
            job = heapq.heappop(self._later)[2] if self._is_due() else self._ready.popleft()
            if self._later:
                self._changed.notify()
            return job

    def _is_due(self) -> bool:
        return bool(self._later) and self._seconds_left() <= 0

    def _seconds_left(self) -> float:
        return (self._later[0][0] - self._clock.now()).total_seconds()
