"""Where a listener leaves what it heard, and returns: all that has to be asked about it is asked on other threads."""

import logging
from collections.abc import Callable
from functools import partial

from bot.core.clock import Clock
from bot.core.errors import Busy, QuarterdeckError
from bot.core.model import Reply, Request
from bot.core.render import refusal
from bot.workers import Job, Workers

log = logging.getLogger(__name__)
THREADS, WAITING, EXCUSES = 4, 256, 64
STOP_SECONDS = 5.0

Whisper = Callable[[Request, Reply], None]


class Entrance:
    """Whoever comes while too much waits is told so by a thread that does nothing else."""

    def __init__(self, platform: str, whisper: Whisper, clock: Clock) -> None:
        self._whisper = whisper
        self._orders = Workers(THREADS, WAITING, name=f"{platform}-intake", clock=clock)
        self._excuses = Workers(1, EXCUSES, name=f"{platform}-excuses")

    def start(self) -> None:
        self._orders.start()
        self._excuses.start()

    def stop(self) -> None:
        self._orders.stop(STOP_SECONDS)
        self._excuses.stop(STOP_SECONDS)

    def take(self, job: Job, excuse: Callable[[Busy], object]) -> None:
        """Busy where not even the excuse for being too busy can be left."""
        try:
            self._orders.submit(job)
        except Busy as busy:
            self._excuses.submit(partial(excuse, busy))

    def later(self, job: Job, seconds: float) -> None:
        """Busy where too much waits."""
        self._orders.submit(job, seconds)

    def say(self, request: Request, error: QuarterdeckError) -> None:
        try:
            self._whisper(request, refusal(error))
        except QuarterdeckError as silent:
            log.warning("%s could not be answered: %s %s", request.id, silent.sentence, silent.fact)
