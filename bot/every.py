"""A thread that does one thing over and over: every so often, at once when it is nudged, until it is stopped."""

import logging
from collections.abc import Callable
from threading import Event, Thread

log = logging.getLogger(__name__)


class Every:
    """`start` once and `stop` once. What breaks in one round does not end the rounds."""

    def __init__(self, name: str, seconds: float, step: Callable[[], object]) -> None:
        self._seconds = seconds
        self._step = step
        self._wake = Event()
        self._stopping = False
        self._thread = Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def nudge(self) -> None:
        self._wake.set()

    def stop(self, timeout: float = 5.0) -> None:
        self._stopping = True
        self._wake.set()
        if self._thread.ident:
            self._thread.join(timeout)

    def _run(self) -> None:
        while True:
            self._wake.wait(self._seconds)
            self._wake.clear()
            if self._stopping:
                return
            try:
                self._step()
            except Exception:
                log.exception("a round of %s broke", self._thread.name)
