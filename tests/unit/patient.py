"""A fast clock for machines that are busy with other things."""

from datetime import datetime, timedelta
from threading import Event, Thread
from time import monotonic
from typing import Self

from bot.clock import ScaledClock

TICK = 0.005
MOST = 0.02
"""What passes between two ticks at most: who got no processor meanwhile could have done nothing with more."""


class PatientClock(ScaledClock):
    """It stands while the process does, so that a deadline is as far away on a machine that runs twenty others."""

    def __init__(self, speed: float) -> None:
        super().__init__(speed)
        self._passed = 0.0, monotonic()
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="clock", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    def now(self) -> datetime:
        return self._began + timedelta(seconds=self._until(monotonic()) * self._speed)

    def _until(self, now: float) -> float:
        passed, since = self._passed
        return passed + min(now - since, MOST)

    def _run(self) -> None:
        while not self._stopping.wait(TICK):
            now = monotonic()
            self._passed = self._until(now), now
