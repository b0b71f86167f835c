"""A bounded pool of threads: listeners hand work over and return at once; a full queue answers Busy."""

import logging
from collections.abc import Callable
from queue import Empty, Full, Queue
from threading import Event, Thread
from time import monotonic

from bot.core.errors import Busy

Job = Callable[[], object]
log = logging.getLogger(__name__)


class Workers:
    def __init__(self, threads: int = 8, waiting: int = 256) -> None:
        self._queue: Queue[Job] = Queue(waiting)
        self._stopped = Event()
        self._threads = [Thread(target=self._run, name=f"worker-{n}", daemon=True) for n in range(threads)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def submit(self, job: Job) -> None:
        if self._stopped.is_set():
            raise Busy("Quarterdeck is stopping.", hint="Try again in a minute.")
        try:
            self._queue.put_nowait(job)
        except Full:
            raise Busy(f"{self._queue.maxsize} orders are waiting already.") from None

    def stop(self, deadline: float = 20.0) -> None:
        """Take nothing new, finish what was taken, within the deadline."""
        self._stopped.set()
        end = monotonic() + deadline
        for thread in self._threads:
            thread.join(max(0.0, end - monotonic()))

    def _run(self) -> None:
        while True:
            try:
                job = self._queue.get(timeout=0.2)
            except Empty:
                if self._stopped.is_set():
                    return
                continue
            try:
                job()
            except Exception:
                log.exception("a job broke")
