"""What was kept in quiet hours and is over: told in one message, or by itself, as one step that nobody sees half of."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from bot.core.model import Message
from bot.store.sql.codec import moment
from bot.store.sql.outbox import CHANGE, HOLD, SPOKEN, SqlOutbox, name, read_message, wake_above
from bot.store.sql.tables import messages

OVER = (
    select(messages)
    .where(messages.c.quiet <= bindparam("now"))
    .order_by(messages.c.at, messages.c.key)
    .limit(bindparam("most"))
)

TOLD = CHANGE.values(quiet=None, sent=messages.c.version)


class SqlDigests(SqlOutbox):
    def kept_messages(self, now: datetime, limit: int = 1000) -> list[Message]:
        with self._db.read() as connection:
            rows = connection.execute(OVER, {"now": moment(now), "most": limit})
            return [read_message(row, row.thread) for row in rows]

    def tell_together(self, digest: Message | None, told: Sequence[Message], alone: Sequence[Message]) -> bool:
        with self._db.write() as connection:
            if not all(_still_kept(connection, message) for message in _lowest_first([*told, *alone])):
                return False
            if digest:
                self._put(connection, digest)
            for message in told:
                connection.execute(TOLD, name(message))
            for message in alone:
                wake_above(connection, connection.execute(SPOKEN, name(message)).one())
        return True


def _still_kept(connection: Connection, message: Message) -> bool:
    row = connection.execute(HOLD, name(message)).first()
    return row is not None and row.quiet is not None and bool(row.version == message.version)


def _lowest_first(kept: Sequence[Message]) -> list[Message]:
    """As whoever puts a message goes up to what it stands under, so that the two never wait for each other."""
    above: dict[str | None, str | None] = {message.key: message.parent for message in kept}

    def depth(message: Message) -> int:
        parent, found = message.parent, 0
        while parent in above:
            parent, found = above[parent], found + 1
        return -found

    return sorted(kept, key=depth)
