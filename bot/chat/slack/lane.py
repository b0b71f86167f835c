"""A bounded queue with threads of its own: what a listener leaves there it need not wait for."""

import logging
from collections.abc import Callable
from queue import Full, Queue
from threading import Thread

from bot.core.errors import Busy

log = logging.getLogger(__name__)
Job = Callable[[], object]


class Lane:
    """`start` once and `stop` once."""

    def __init__(self, name: str, threads: int, waiting: int) -> None:
        self._queue: Queue[Job | None] = Queue(waiting)
        self._threads = [Thread(target=self._run, name=f"{name}-{n}", daemon=True) for n in range(threads)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def put(self, job: Job) -> None:
        try:
            self._queue.put_nowait(job)
        except Full:
            raise Busy(f"{self._queue.maxsize} orders are waiting already.") from None

    def stop(self, timeout: float) -> None:
        """What was put is done first, as far as the time goes."""
        for _ in self._threads:
            try:
                self._queue.put(None, timeout=timeout)
            except Full:
                log.warning("orders that waited were dropped at the end")
        for thread in self._threads:
            thread.join(timeout)

    def _run(self) -> None:
        while (job := self._queue.get()) is not None:
            try:
                job()
            except Exception:
                log.exception("an order could not be handed over")
