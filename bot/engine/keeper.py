"""What ends by itself: changes that nobody agreed to in time, locks, which are told of before they end, quiet hours.

The leader alone keeps time, so each is said once.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core.asking import EXPIRED
from bot.core.errors import QuarterdeckError
from bot.core.locks import Lock
from bot.core.model import Button, Message, Reply, Tone
from bot.engine.digests import tell_what_was_kept
from bot.engine.outbox import Outbox
from bot.engine.reminding import tell_what_is_free
from bot.every import Every
from bot.plans.locking import annotate
from bot.ports import Ports, Settled

log = logging.getLogger(__name__)
EVERY = timedelta(seconds=5)
WARNING = timedelta(minutes=10)


class Keeper:
    """`settle` is the dispatcher's: it says under the order's message what became of it. `others` keep no time."""

    def __init__(
        self,
        ports: Ports,
        outbox: Outbox,
        settle: Callable[[Settled], object],
        others: Sequence[Callable[[], None]],
    ) -> None:
        self._others = others
        self._ports = ports
        self._outbox = outbox
        self._settle = settle
        self._leading = False
        self._rounds = Every("keeper", ports.clock.real(EVERY.total_seconds()), self._look)

    def start(self) -> None:
        self._rounds.start()

    def take_over(self) -> None:
        self._leading = True
        self._rounds.nudge()

    def let_go(self) -> None:
        self._leading = False

    def stop(self) -> None:
        self._rounds.stop()

    def _look(self) -> None:
        if not self._leading:
            return
        now = self._ports.clock.now()
        try:
            self._end_asks(now)
            self._end_locks(now)
            tell_what_is_free(self._ports, self._outbox)
            tell_what_was_kept(self._ports, self._outbox)
            for look in self._others:
                look()
        except QuarterdeckError as error:
            log.warning("what is over cannot be ended: %s", error.sentence)

    def _end_asks(self, now: datetime) -> None:
        for ask in self._ports.store.open_asks():
            if ask.until <= now and self._ports.store.settle(ask, EXPIRED, self._ports.replica):
                self._settle(Settled(ask, EXPIRED, Reply(title="")))

    def _end_locks(self, now: datetime) -> None:
        for lock in self._ports.store.locks():
            if lock.until is None:
                continue
            if lock.until <= now:
                self._end(lock)
            elif lock.until - now <= min(WARNING, (lock.until - lock.at) / 2):
                self._say(lock, _ending(lock, self._ports.catalogue.zone), final=False)

    def _end(self, lock: Lock) -> None:
        """It counts for nothing since; what is left is to say so, also to kubectl users."""
        if self._ports.store.release_lock(lock.service, lock.environment):
            note = annotate(self._ports, lock.service, lock.environment)
            over = Reply(title=f"{lock.what} is unlocked: its time is over", tone=Tone.GOOD, body=note)
            self._say(lock, over, final=True)

    def _say(self, lock: Lock, reply: Reply, *, final: bool) -> None:
        """One message a lock, where it was taken: the warning becomes the end."""
        if lock.place:
            key = f"lock:{lock.service}:{lock.environment}:{lock.at.isoformat()}"
            self._outbox.put(Message(key, lock.place, reply, final=final))


def _ending(lock: Lock, zone: ZoneInfo) -> Reply:
    until = f"{(lock.until or lock.at).astimezone(zone):%H:%M %Z}"
    longer = f'lock {lock.words} for 1h "{lock.reason}"'
    return Reply(
        title=f"The lock on {lock.what} ends at {until}",
        tone=Tone.WARNING,
        body=f'{lock.owner.mention}: "{lock.reason}"',
        buttons=(Button("One hour from now", longer), Button("Unlock", f"unlock {lock.words}")),
    )
