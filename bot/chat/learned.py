"""What the answers of a chat taught us: who the bot is there, whether its token is taken, and what has to wait."""

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Lock
from typing import Generic, TypeVar

from bot.core.clock import Clock
from bot.core.errors import QuarterdeckError, Unavailable

Me = TypeVar("Me")
Door = TypeVar("Door", bound=Hashable)


class Learned(Generic[Me, Door]):
    """A door is what the chat counts together when it limits us. One lock guards it all.

    `revoked` is how an error begins that is about the token. Who was told to wait is told so at once from then on, by
    us: what comes too early is counted against the bot, and the thread that asks serves others too. A clock that was
    set back keeps nobody waiting for what it was set back by.
    """

    def __init__(self, chat: str, revoked: str, clock: Clock) -> None:
        self._chat = chat
        self._revoked = revoked
        self._clock = clock
        self._lock = Lock()
        self._me: Me | None = None
        self._trouble: str | None = None
        self._closed: dict[Door, tuple[datetime, datetime]] = {}

    @property
    def me(self) -> Me | None:
        with self._lock:
            return self._me

    @property
    def trouble(self) -> str | None:
        """What is wrong with the token, as far as the last answers tell."""
        with self._lock:
            return self._trouble

    def met(self, me: Me) -> Me:
        with self._lock:
            self._me = me
        return me

    @contextmanager
    def through(self, door: Door) -> Iterator[None]:
        """Around a call that fails with errors of ours alone."""
        self._require_open(door)
        try:
            yield
        except QuarterdeckError as error:
            self._learn(door, error)
            raise
        with self._lock:
            self._trouble = None
            self._closed.pop(door, None)

    def _require_open(self, door: Door) -> None:
        now = self._clock.now()
        with self._lock:
            since, until = self._closed.get(door, (now, now))
        if since <= now < until:
            raise Unavailable(f"{self._chat} takes no more just now.", retry_after=(until - now).total_seconds())

    def _learn(self, door: Door, error: QuarterdeckError) -> None:
        if not isinstance(error, Unavailable):
            return
        now = self._clock.now()
        with self._lock:
            if error.sentence.startswith(self._revoked):
                self._trouble = error.sentence
            elif error.retry_after:
                self._closed[door] = now, now + timedelta(seconds=error.retry_after)
