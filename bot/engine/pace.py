"""How the few edits that a platform grants one message are spent: ever more slowly, and the last one on the verdict.

What is held back is replaced by what is newer, so each edit shows the present. Only progress waits, also that of what
was at rest and moves again: that something is paused or stuck is said at once, as far as there are edits.
"""

from datetime import UTC, datetime, timedelta
from threading import Lock

from bot.core.model import Message, Tone
from bot.store import Outbox

WAITS = (0, 0, 2, 5, 10, 20, 45, 90, 180)
"""Seconds since the last edit, by how many there were: ten edits last for six minutes of steady news."""
MOST = 1_000


class Pace:
    """One lock guards when each was edited last. After a restart the first edit does not wait."""

    def __init__(self, budget: int | None) -> None:
        self._budget = budget
        self._lock = Lock()
        self._last: dict[str, datetime] = {}

    def holds_back(self, store: Outbox, message: Message, now: datetime) -> bool:
        if self._budget is None or _is_verdict(message) or not message.place.message:
            return False
        if message.edits >= self._budget - 1:
            store.message_failed(message, None, "the last edit is kept for the verdict")
            return True
        due = self._due(message)
        if due <= now:
            return False
        store.message_later(message, due)
        return True

    def sent(self, message: Message, now: datetime) -> None:
        with self._lock:
            self._last.pop(message.key, None)
            if self._budget is not None and not _is_verdict(message):
                self._last[message.key] = now
                while len(self._last) > MOST:
                    del self._last[next(iter(self._last))]

    def _due(self, message: Message) -> datetime:
        with self._lock:
            last = self._last.get(message.key)
        if last is None or message.reply.tone is not Tone.WORKING:
            return datetime.min.replace(tzinfo=UTC)
        return last + timedelta(seconds=WAITS[min(message.edits, len(WAITS) - 1)])


def _is_verdict(message: Message) -> bool:
    return message.final and message.reply.tone is not Tone.WORKING
