"""One open page: what stands in the room, then every change, as server-sent events."""

import asyncio
import secrets
import threading
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import suppress
from datetime import datetime

import msgspec

from bot.chat.console.entry import Entry
from bot.chat.console.feed import Feed, waking
from bot.chat.console.room import Room

HEARTBEAT_SECONDS = 1.0
RUN = secrets.token_hex(4)


class Payload(msgspec.Struct, frozen=True):
    """`now` and `pace` let the page tell how long ago something was: the demo's clock runs faster than ours."""

    now: datetime
    pace: float
    entries: Sequence[Entry] = ()


class Stream:
    """`last` is the last event the page saw. From another run of ours it means nothing, and all is sent again.

    `stopping` is set by the server that wants to end: a stream that goes on for ever would keep it from that.
    """

    def __init__(self, room: Room, last: str, stopping: threading.Event) -> None:
        self._room = room
        self._stopping = stopping
        run, _, serial = last.partition("-")
        self._known = run == RUN and serial.isdigit()
        self._serial = int(serial) if self._known else 0

    async def events(self) -> AsyncIterator[bytes]:
        loop, news = asyncio.get_running_loop(), asyncio.Event()
        feed = Feed(wake=waking(loop, news))
        unsubscribe = self._room.subscribe(feed.put)
        try:
            yield self._event("changes" if self._known else "snapshot", self._room.entries(after=self._serial))
            while self._room.healthy() is None and not self._stopping.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(news.wait(), HEARTBEAT_SECONDS)
                news.clear()
                fresh = _newest(entry for entry in feed.drain() if entry.serial > self._serial)
                yield self._event("changes" if fresh else "heartbeat", fresh)
        finally:
            unsubscribe()

    def _event(self, kind: str, entries: list[Entry]) -> bytes:
        self._serial = max((entry.serial for entry in entries), default=self._serial)
        clock = self._room.clock
        data = msgspec.json.encode(Payload(clock.now(), 1 / clock.real(1.0), entries))
        return b"event: %s\nid: %s-%d\nretry: 1000\ndata: %s\n\n" % (kind.encode(), RUN.encode(), self._serial, data)


def _newest(entries: Iterable[Entry]) -> list[Entry]:
    """A burst of changes of one message is one change to the page."""
    return list({entry.id: entry for entry in entries}.values())
