"""One leader among the replicas: a row in the store, because what has to be guarded lies in the store.

Who leads follows everybody's rollouts, polls and deploys by policy. Leadership that could not be renewed in time is
given up by the leader's own clock, whatever the store says later. One that nobody renews for a whole term is taken over
whatever its end says: the clock of whoever wrote that may have been wrong.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic

from bot.core.clock import Clock
from bot.core.errors import QuarterdeckError
from bot.every import Every
from bot.store import Store

log = logging.getLogger(__name__)
TERM = timedelta(seconds=15)
RENEW = timedelta(seconds=5)


class Leader:
    def __init__(
        self, store: Store, clock: Clock, holder: str, took: Callable[[], None], lost: Callable[[], None]
    ) -> None:
        self._store = store
        self._clock = clock
        self._took = took
        self._lost = lost
        self._holder = holder
        self._until: datetime | None = None
        self._leads = False
        self._seen: tuple[datetime | None, float] = (None, 0.0)
        self._rounds = Every("leader", clock.real(RENEW.total_seconds()), self._renew)

    @property
    def leading(self) -> bool:
        """By our own clock: a process that was frozen past its term leads no longer, even before it is told."""
        return self._leads and self._until is not None and self._clock.now() < self._until

    def start(self) -> None:
        """The first try is made at once, so that a single bot leads before it listens."""
        self._renew()
        self._rounds.start()

    def stop(self) -> None:
        self._rounds.stop()
        self._resign()

    def _renew(self) -> None:
        now = self._clock.now()
        try:
            held = self._store.lead(self._holder, now, now + TERM) or self._outlived(now)
        except QuarterdeckError as error:
            log.warning("leadership: %s", error.sentence)
            held = self.leading
        else:
            if self._leads and not self.leading:
                self._turn(leads=False)
            self._until = now + TERM if held else None
        if held != self._leads:
            self._turn(leads=held)

    def _outlived(self, now: datetime) -> bool:
        """By how long it stands still as we see it; taken only if it still does in that moment."""
        end = self._store.led_until()
        if end is None or end != self._seen[0]:
            self._seen = (end, monotonic())
            return False
        if monotonic() - self._seen[1] <= self._clock.real(TERM.total_seconds()):
            return False
        return self._store.lead(self._holder, end, now + TERM)

    def _turn(self, *, leads: bool) -> None:
        """Also between two terms of one leader that do not meet: what came meanwhile it left to others.

        Half of it taken over would be worse than none, and nobody else may: then it is tried again.
        """
        self._leads = leads
        log.info("this replica %s", "leads" if leads else "follows another")
        try:
            (self._took if leads else self._lost)()
        except QuarterdeckError as error:
            log.warning("leadership: %s", error.sentence)
            self._leads = False
            self._lost()

    def _resign(self) -> None:
        if not self._leads:
            return
        self._leads = False
        try:
            self._store.resign(self._holder)
        except QuarterdeckError as error:
            log.warning("leadership: %s", error.sentence)
