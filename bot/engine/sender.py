"""Makes stand on one platform what should stand there.

A crash between sent and noted is healed by asking the platform what already stands under the key.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from threading import Condition, Thread
from time import monotonic

from msgspec.structs import replace

from bot.chat import Platform
from bot.core.clock import Clock
from bot.core.errors import NotFound, QuarterdeckError, Unavailable
from bot.core.model import Message, Place
from bot.engine.pace import Pace
from bot.store import Store

log = logging.getLogger(__name__)
FIRST_RETRY = 1.0
LONGEST_RETRY = 300.0
ATTEMPTS = 60
IDLE = 5.0
PATIENCE = 10.0
THREADS = 3
AT_A_STRETCH = 10.0
"""So long one thread speaks in a channel: well below what PostgreSQL lets a transaction, its lock there, stand idle."""

POSTED_BY = timedelta(seconds=20)
"""By then a post that was begun stands or does not: twice what a platform is waited for."""

IsFresh = Callable[[Message], bool]
Alone = Callable[[], bool]


class _Lost(Exception):
    """Another process may send there by now."""


class Sender:
    """A few threads a platform, one in a channel: a slow one holds up nobody else, and each gets its messages in order.

    Of several replicas one sends in a channel, so that nothing is said twice, nor an older version after a newer.
    """

    def __init__(self, platform: Platform, store: Store, clock: Clock, is_fresh: IsFresh) -> None:
        self._platform = platform
        self._store = store
        self._clock = clock
        self._is_fresh = is_fresh
        self._pace = Pace(platform.edit_budget)
        self._wake = Condition()
        self._nudged = False
        self._stopping = False
        self._busy: dict[str, bool] = {}
        names = (f"outbox-{platform.name}-{number}" for number in range(THREADS))
        self._threads = [Thread(target=self._run, name=name, daemon=True) for name in names]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        with self._wake:
            self._stopping = True
            self._wake.notify_all()
        end = monotonic() + PATIENCE
        for thread in self._threads:
            thread.join(max(0.0, end - monotonic()))

    def nudge(self) -> None:
        with self._wake:
            self._nudged = True
            self._wake.notify()

    def _run(self) -> None:
        """The store is asked outside of the lock: whoever nudges is at an order, and must not wait for that."""
        while True:
            idle = self._round(self._clock.now())
            with self._wake:
                if self._stopping:
                    return
                if idle and not self._nudged:
                    self._wake.wait(idle)
                self._nudged = False

    def _round(self, now: datetime) -> float:
        """How long to wait then: never past the next retry, nor so long that another replica's row would wait.

        What is due already is being sent, and whoever sends it looks again. A store that is away ends no sender.
        """
        try:
            if self._send_waiting(now):
                return 0.0
            due = self._store.next_due(self._platform.name, after=now)
        except QuarterdeckError as error:
            log.warning("the outbox cannot be read or written: %s", error.sentence)
            return FIRST_RETRY
        return min(IDLE, self._clock.real((due - now).total_seconds())) if due else IDLE

    def _send_waiting(self, now: datetime) -> bool:
        """In the channel that waits longest and that nobody serves; another thread looks after the next.

        One that passed a channel by, since it was served, leaves what it saw there to whoever serves it.
        """
        channel = self._take(now)
        if channel is None:
            return False
        try:
            with self._store.sending(self._platform.name, channel) as alone:
                served = alone() and self._serve(channel, alone)
        finally:
            with self._wake:
                passed_by = self._busy.pop(channel)
        return served or passed_by

    def _take(self, now: datetime) -> str | None:
        waiting = self._store.waiting_channels(self._platform.name, now)
        with self._wake:
            free = [channel for channel in waiting if channel not in self._busy]
            if len(free) > 1:
                self._nudged = True
                self._wake.notify()
            self._busy.update(dict.fromkeys(set(waiting) & self._busy.keys(), True) | dict.fromkeys(free[:1], False))
        return free[0] if free else None

    def _serve(self, channel: str, alone: Alone) -> bool:
        """Nothing overtakes what has to wait there."""
        until = monotonic() + AT_A_STRETCH
        waiting = self._store.waiting_messages(self._platform.name, channel, self._clock.now())
        for message in waiting:
            if not self._send(message, alone) or monotonic() > until:
                break
        return bool(waiting)

    def _send(self, message: Message, alone: Alone) -> bool:
        """False where the place has to wait: nothing may overtake what waits for its retry there."""
        if self._pace.holds_back(self._store, message, self._clock.now()):
            return True
        try:
            place, edited = self._deliver(message, alone)
        except _Lost:
            return False
        except Unavailable as error:
            self._retry(message, error.sentence, error.retry_after)
            return False
        except QuarterdeckError as error:
            self._store.message_failed(message, None, error.sentence)
            log.warning("message %s was given up: %s", message.key, error.sentence)
        except Exception as error:
            log.exception("message %s", message.key)
            self._retry(message, type(error).__name__, None)
        else:
            self._store.message_sent(message, place, edited=edited)
            self._pace.sent(message, self._clock.now())
        return True

    def _deliver(self, message: Message, alone: Alone) -> tuple[Place, bool]:
        stands = message.place if message.place.message else None
        if stands is None and (not self._is_fresh(message) or message.tried):
            stands = self._found(message)
        if stands is None:
            return self._post(message, alone), False
        try:
            return self._platform.edit(stands, message), True
        except NotFound:
            if not message.final:
                raise
            return self._anew(replace(message, place=replace(stands, message=None, beside=None)), stands, alone)

    def _anew(self, message: Message, gone: Place, alone: Alone) -> tuple[Place, bool]:
        """Somebody took it away, or it cannot be edited any more: how it ended is said all the same."""
        log.info("message %s is gone from %s, and said anew", message.key, gone.channel)
        stands = self._found(message)
        if stands is None or stands.message == gone.message:
            return self._post(message, alone), False
        return self._platform.edit(stands, message), True

    def _found(self, message: Message) -> Place | None:
        """Nothing stands in a thread that is gone."""
        with suppress(NotFound):
            return self._platform.find(message.place, message.key)
        return None

    def _post(self, message: Message, alone: Alone) -> Place:
        """Beside its thread where that is gone: only the end of something is worth it."""
        self._claim(message, alone)
        try:
            return self._platform.post(message)
        except NotFound:
            if not (message.final and message.place.thread):
                raise
            return self._platform.post(replace(message, place=replace(message.place, thread=None)))

    def _claim(self, message: Message, alone: Alone) -> None:
        """Whoever was frozen, or lost the database, may not be alone any more: then it is another's to say."""
        try:
            self._store.message_begun(message, self._clock.now() + POSTED_BY)
            held = alone()
        except QuarterdeckError as error:
            raise _Lost from error
        if not held:
            raise _Lost

    def _retry(self, message: Message, why: str, after: float | None) -> None:
        """A platform that says when to come back is not broken, so its answers use up no budget."""
        attempt = message.attempts + 1
        wait = after if after is not None else min(LONGEST_RETRY, FIRST_RETRY * 2.0 ** (attempt - 1))
        spent = after is None and attempt >= ATTEMPTS
        retry_at = None if spent else self._clock.now() + timedelta(seconds=wait)
        self._store.message_failed(message, retry_at, why)
