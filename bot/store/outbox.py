"""The part of the store that says what should stand where."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from bot.core.model import Message, Place


class Backlog(Struct, frozen=True):
    """What should stand and does not: how much of it, and since when the oldest of it."""

    messages: int = 0
    since: datetime | None = None


class Outbox(Protocol):
    """What should stand where. One row per key and place; a newer version replaces an unsent one."""

    def put_message(self, message: Message) -> Message:
        """Insert, or replace what should stand under this key in this channel. Same content: no new version.

        A final message is not reopened by one that is not final. Returns the row as it stands.
        What stands or waits already is never kept. What a digest told is said only once there is more to say of it
        and its `quiet` says so: a message of that key that leaves this open changes it in silence.
        """

    def waiting_channels(self, platform: str, now: datetime) -> list[str]:
        """Where something waits that is due; where it waits longest comes first."""

    def sending(self, platform: str, channel: str) -> AbstractContextManager[Callable[[], bool]]:
        """Does nobody else on this database send there? To be asked again: whoever dies or is cut off lets go of it."""

    def message_begun(self, message: Message, until: datetime) -> None:
        """It may stand in a moment: before then no other process on this database posts it as well."""

    def waiting_messages(self, platform: str, channel: str, now: datetime, limit: int = 100) -> list[Message]:
        """Not yet sent as they should stand, and due: oldest first, at most one per key."""

    def message_sent(self, message: Message, place: Place, *, edited: bool) -> None:
        """This version now stands at `place`."""

    def message_failed(self, message: Message, retry_at: datetime | None, why: str) -> None:
        """Try again at that time, or never (None: given up, kept for the record)."""

    def message_later(self, message: Message, at: datetime) -> None:
        """Not before then, and no failure: a newer version waits as well, but a final one does not."""

    def messages(self, key: str) -> list[Message]:
        """Wherever this key stands or should stand, with its places."""

    def kept_messages(self, now: datetime, limit: int = 1000) -> list[Message]:
        """Those whose quiet hours are over by then, in the order in which they were put last."""

    def tell_together(self, digest: Message | None, told: Sequence[Message], alone: Sequence[Message]) -> bool:
        """In one place, as one: the digest waits to be sent, and those `alone` by themselves; those `told` no more.

        False, and nothing happened, where one of them is no longer kept as it was.
        """

    def hand_over(self, key: str, to: str, place: Place) -> bool:
        """What stands under a key there gets another. False where it moves, is final, or the other stands there."""

    def next_due(self, platform: str, *, after: datetime | None = None) -> datetime | None:
        """When the earliest message that waits there becomes due; of those that are due `after` then alone."""

    def backlog(self, platform: str, now: datetime) -> Backlog:
        """What is due or failed there; what was put off, or waits for what it is to stand under, is not late."""
