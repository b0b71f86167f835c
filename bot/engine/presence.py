"""This process says that it lives, so that nobody takes what it is at for cut off."""

import logging
from datetime import timedelta

from bot.core.errors import QuarterdeckError
from bot.every import Every
from bot.ports import Ports

log = logging.getLogger(__name__)
RENEW = timedelta(seconds=5)
GOOD_FOR = timedelta(seconds=20)
SILENT = "The store does not answer."


class Presence:
    """From before the first order is taken until after the last one is done.

    `trouble` is why the store could not be written the last time: who cannot note an order should not be given one.
    """

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._good_until = ports.clock.now()
        self._wrong = SILENT
        self._rounds = Every("presence", ports.clock.real(RENEW.total_seconds()), self._renew)

    @property
    def trouble(self) -> str | None:
        """A call that never comes back says nothing, so it is the time that tells."""
        return self._wrong or (SILENT if self._ports.clock.now() >= self._good_until else None)

    def start(self) -> None:
        self._renew()
        self._rounds.start()

    def stop(self) -> None:
        self._rounds.stop()
        try:
            self._ports.store.end(self._ports.replica)
        except QuarterdeckError as error:
            log.warning("presence: %s", error.sentence)

    def _renew(self) -> None:
        now = self._ports.clock.now()
        try:
            self._ports.store.live(self._ports.replica, now, now + GOOD_FOR)
        except QuarterdeckError as error:
            log.warning("presence: %s", error.sentence)
            self._wrong = error.sentence
        else:
            self._wrong, self._good_until = "", now + GOOD_FOR
