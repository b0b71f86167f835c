"""This process says that it lives, so that nobody takes what it is at for cut off."""

import logging
from datetime import timedelta

from bot.core.errors import QuarterdeckError
from bot.every import Every
from bot.ports import Ports

log = logging.getLogger(__name__)
RENEW = timedelta(seconds=5)
GOOD_FOR = timedelta(seconds=20)


class Presence:
    """From before the first order is taken until after the last one is done."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._rounds = Every("presence", ports.clock.real(RENEW.total_seconds()), self._renew)

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
