"""Durable delivery. What should stand where is a row in the store; a platform's senders make it so."""

import logging
from collections.abc import Mapping, Sequence
from threading import Lock

from msgspec.structs import replace

from bot.chat import Platform
from bot.core.clock import Clock
from bot.core.errors import QuarterdeckError
from bot.core.model import Message, Place, Reply, Request, Spot
from bot.engine.sender import Sender
from bot.store import Store

log = logging.getLogger(__name__)


class Outbox:
    def __init__(self, store: Store, platforms: Mapping[str, Platform], clock: Clock) -> None:
        self._store = store
        self._platforms = platforms
        self._clock = clock
        self._lock = Lock()
        self._fresh: set[tuple[str, Spot]] = set()
        self._senders = {name: Sender(platform, store, clock, self._is_fresh) for name, platform in platforms.items()}

    def start(self) -> None:
        for sender in self._senders.values():
            sender.start()

    def stop(self) -> None:
        for sender in self._senders.values():
            sender.stop()

    def put(self, message: Message, *, fresh: bool = False) -> None:
        """Say it, or say it anew; returns once it cannot be lost. A place on no platform of ours hears nothing.

        `fresh` where nobody can have said anything under this key before: then nobody has to look for it.
        """
        sender = self._senders.get(message.place.platform)
        if sender is None:
            return
        if fresh:
            with self._lock:
                self._fresh.add((message.key, message.place.spot))
        stored = self._store.put_message(replace(message, at=self._clock.now()))
        if stored.quiet:
            self._is_fresh(message)
        sender.nudge()

    def tell_together(
        self, place: Place, digest: Message | None, told: Sequence[Message], alone: Sequence[Message]
    ) -> None:
        """What was kept for this place. If any of it moved meanwhile nothing happens, and all of it is kept still."""
        stamped = replace(digest, at=self._clock.now()) if digest else None
        if self._store.tell_together(stamped, told, alone) and place.platform in self._senders:
            self._senders[place.platform].nudge()

    def whisper(self, request: Request, reply: Reply) -> None:
        """For the eyes of one person: sent now or never, since nobody may find it later."""
        platform = self._platforms.get(request.place.platform)
        if platform is None:
            return
        try:
            platform.whisper(request, reply)
        except QuarterdeckError as error:
            log.warning("an answer to %s was lost: %s", request.id, error.sentence)

    def _is_fresh(self, message: Message) -> bool:
        """True once for a key that this process itself has just put: nothing can stand under it yet."""
        named = (message.key, message.place.spot)
        with self._lock:
            if named not in self._fresh:
                return False
            self._fresh.discard(named)
            return True
