"""What one reader of the room has not seen yet."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from bot.chat.console.entry import Entry

BOUND = 1_000


def waking(loop: asyncio.AbstractEventLoop, news: asyncio.Event) -> Callable[[], None]:
    """Whoever speaks, on any thread, may do so a moment after the reader and its loop have gone."""

    def wake() -> None:
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(news.set)

    return wake


class Feed:
    """Every change while the reader keeps up; only the newest of each message when it does not.

    So a slow reader neither blocks whoever speaks nor grows without end.
    """

    def __init__(self, wake: Callable[[], None], bound: int = BOUND) -> None:
        self._wake = wake
        self._bound = bound
        self._lock = threading.Lock()
        self._unread: deque[Entry] = deque()

    def put(self, entry: Entry) -> None:
        with self._lock:
            if len(self._unread) >= self._bound:
                self._squeeze()
            self._unread.append(entry)
        self._wake()

    def drain(self) -> list[Entry]:
        with self._lock:
            unread, self._unread = self._unread, deque()
        return list(unread)

    def _squeeze(self) -> None:
        newest = {entry.id: entry for entry in self._unread}
        self._unread = deque(newest.values())
        while len(self._unread) >= self._bound:
            self._unread.popleft()
