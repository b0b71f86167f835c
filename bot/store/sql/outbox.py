"""What should stand where: a row for each key, platform and channel. The thread belongs to the place, not to the name.

- The same content is no new version. Being final is content: a platform may show it.
- A newer version takes the turn of the unsent one it replaces, and waits out its retry: no flood after a refusal.
- What was final is corrected only by what is final.
- Nothing waits under a parent that does not stand yet; then it is handed out with the parent's thread.
- Of the posts of one place none overtakes another that waits for its retry. Edits may: they stand already.
- What was given up stays so until there is a newer version.
- `edits` counts those of the message that stands; another post under the key begins anew.
- What is kept for quiet hours has no turn. Once it has one, so has what it is to stand under.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    Row,
    and_,
    bindparam,
    case,
    exists,
    func,
    null,
    or_,
    select,
    update,
)

from bot.core.model import Message, Place, Reply
from bot.core.quiet import LOUD, Quiet
from bot.store.outbox import Backlog
from bot.store.sql import queue
from bot.store.sql.codec import at_moment, encode, moment, reader
from bot.store.sql.engine import Part
from bot.store.sql.tables import messages

read_reply = reader(Reply)

FIRST = {"version": 1, "sent": 0, "edits": 0, "attempts": 0}
UNTRIED = {"attempts": 0, "retry_at": None, "why": None}

other = messages.alias("other")

ITS_PLATFORM: ColumnElement[str] = bindparam("its_platform")
LAST_TURN = select(func.max(messages.c.turn)).where(messages.c.platform == ITS_PLATFORM, messages.c.turn.is_not(None))
NEXT_TURN = func.coalesce(LAST_TURN.scalar_subquery(), 0) + 1

# A platform may answer with another channel than the one asked for (a person's own): both name the row.
ITS_CHANNEL: ColumnElement[str] = bindparam("its_channel")
THIS = and_(
    messages.c.key == bindparam("its_key"),
    messages.c.platform == ITS_PLATFORM,
    or_(messages.c.channel == ITS_CHANNEL, messages.c.stands_in == ITS_CHANNEL),
)
VERSION = bindparam("its_version", type_=messages.c.version.type)
LOOK = select(messages).where(THIS)
HOLD = LOOK.with_for_update()
STANDING = select(messages).where(messages.c.key == bindparam("its_key"))
NEWER = update(messages).where(THIS).values(version=messages.c.version + 1).returning(*messages.c)
AT_ONCE = NEWER.values(retry_at=None)
FRESH = NEWER.values(turn=NEXT_TURN, **UNTRIED)
CHANGE = update(messages).where(THIS).returning(*messages.c)
SPOKEN = CHANGE.values(turn=NEXT_TURN, quiet=None, **UNTRIED)
WOKEN = SPOKEN.values(sent=0)
ALONE = CHANGE.values(parent=None)
UNSENT = update(messages).where(THIS, messages.c.sent < VERSION)
RETRY = UNSENT.where(messages.c.turn.is_not(None)).values(attempts=messages.c.attempts + 1)
LATER = UNSENT.where(messages.c.turn.is_not(None))
GIVE_UP = RETRY.where(messages.c.version == VERSION).values(turn=null())
STAYS = and_(messages.c.message.is_not(None), messages.c.turn.is_(None), ~messages.c.final)
TAKEN = other.c.key == bindparam("other"), other.c.platform == ITS_PLATFORM, other.c.channel == messages.c.channel
HAND_OVER = update(messages).where(THIS, STAYS, ~exists().where(*TAKEN)).values(key=bindparam("other"))
BENEATH = (
    update(messages)
    .where(
        messages.c.parent == bindparam("its_key"),
        messages.c.platform == ITS_PLATFORM,
        or_(messages.c.channel == ITS_CHANNEL, messages.c.stands_in == ITS_CHANNEL),
    )
    .values(parent=bindparam("other"))
)
LEFT = case((messages.c.version > VERSION, messages.c.turn), else_=null())
SENT = UNSENT.values(sent=VERSION, turn=LEFT, **UNTRIED)
POSTED, EDITED = SENT.values(edits=0), SENT.values(edits=messages.c.edits + 1)


class SqlOutbox(Part):
    @cached_property
    def _insert_message(self) -> Executable:
        insert = self._db.insert(messages).values(turn=NEXT_TURN)
        return insert.on_conflict_do_nothing().returning(*messages.c)

    @cached_property
    def _insert_kept(self) -> Executable:
        return self._db.insert(messages).on_conflict_do_nothing().returning(*messages.c)

    def put_message(self, message: Message) -> Message:
        with self._db.write() as connection:
            return self._put(connection, message)

    def waiting_channels(self, platform: str, now: datetime) -> list[str]:
        with self._db.read() as connection:
            return list(connection.scalars(queue.CHANNELS, {"platform": platform, "now": moment(now)}))

    def sending(self, platform: str, channel: str) -> AbstractContextManager[Callable[[], bool]]:
        return self._db.alone(f"{platform}/{channel}")

    def message_begun(self, message: Message, until: datetime) -> None:
        if not self._db.is_sqlite:
            self.message_later(message, until)

    def waiting_messages(self, platform: str, channel: str, now: datetime, limit: int = 100) -> list[Message]:
        there = {"platform": platform, "channel": channel, "now": moment(now), "most": limit}
        with self._db.read() as connection:
            return [read_message(row, row.under) for row in connection.execute(queue.DUE, there)]

    def _put(self, connection: Connection, message: Message) -> Message:
        new = {"reply": encode(message.reply), "final": message.final, "at": moment(message.at) if message.at else None}
        known = connection.execute(HOLD, name(message)).first() if message.place.message else None
        row = known or self._insert(connection, message, new)
        if row is None:
            row = known = connection.execute(HOLD, name(message)).one()
        if known and (change := _change(known, new, message.quiet)):
            statement, values = change
            row = connection.execute(statement, name(message) | values).one()
        if row.turn is not None and row.message is None and (known is None or known.turn is None):
            wake_above(connection, row)
        return read_message(row, row.thread)

    def _insert(self, connection: Connection, message: Message, new: dict[str, object]) -> Row[Any] | None:
        """Nothing where it is there already."""
        quiet = message.quiet or _inherited(connection, message)
        row = _place(message) | FIRST | new
        if quiet.loud:
            return connection.execute(self._insert_message, row | {"its_platform": message.place.platform}).first()
        return connection.execute(self._insert_kept, row | _kept(quiet)).first()

    def message_sent(self, message: Message, place: Place, *, edited: bool) -> None:
        stands = {
            "thread": place.thread,
            "stands_in": place.channel,
            "message": place.message,
            "beside": place.beside,
        }
        with self._db.write() as connection:
            connection.execute(EDITED if edited else POSTED, _version(message) | stands)

    def message_failed(self, message: Message, retry_at: datetime | None, why: str) -> None:
        """What fails now would fail for a newer version too, except that only this one is given up."""
        when = {"retry_at": moment(retry_at)} if retry_at else {}
        with self._db.write() as connection:
            connection.execute(RETRY if when else GIVE_UP, _version(message) | when | {"why": why})

    def message_later(self, message: Message, at: datetime) -> None:
        with self._db.write() as connection:
            connection.execute(LATER, _version(message) | {"retry_at": moment(at)})

    def hand_over(self, key: str, to: str, place: Place) -> bool:
        named = {"its_key": key, "its_platform": place.platform, "its_channel": place.channel, "other": to}
        with self._db.write() as connection:
            if not connection.execute(HAND_OVER, named).rowcount:
                return False
            connection.execute(BENEATH, named)
        return True

    def messages(self, key: str) -> list[Message]:
        with self._db.read() as connection:
            rows = connection.execute(STANDING, {"its_key": key})
            return [read_message(row, row.thread) for row in rows]

    def next_due(self, platform: str, *, after: datetime | None = None) -> datetime | None:
        """1970 where one is due already, and nobody said what time it is."""
        with self._db.read() as connection:
            due = connection.scalar(queue.NEXT, {"platform": platform, "now": moment(after) if after else -1})
        return None if due is None else at_moment(due)

    def backlog(self, platform: str, now: datetime) -> Backlog:
        with self._db.read() as connection:
            found = connection.execute(queue.BACKLOG, {"platform": platform, "now": moment(now)}).one()
        return Backlog(found.messages, None if found.since is None else at_moment(found.since))


def name(message: Message) -> dict[str, object]:
    return {"its_key": message.key, "its_platform": message.place.platform, "its_channel": message.place.channel}


def _version(message: Message) -> dict[str, object]:
    return name(message) | {"its_version": message.version}


def _place(message: Message) -> dict[str, object]:
    place = message.place
    return {
        "key": message.key,
        "platform": place.platform,
        "channel": place.channel,
        "thread": place.thread,
        "parent": message.parent,
    }


def _kept(quiet: Quiet) -> dict[str, object]:
    return {"quiet": moment(quiet.until), "subject": quiet.subject}


def _inherited(connection: Connection, message: Message) -> Quiet:
    """What belongs under a message that is kept is kept with it."""
    above = connection.execute(LOOK, name(message) | {"its_key": message.parent}).first() if message.parent else None
    return LOUD if above is None or above.quiet is None else Quiet(at_moment(above.quiet))


def wake_above(connection: Connection, row: Row[Any]) -> None:
    """What it is to stand under was kept, or went with a digest: then it is said now.

    What a digest itself told stands nowhere, and never under its own key: what comes after it stands by itself.
    """
    while row.parent:
        its_name = {"its_key": row.parent, "its_platform": row.platform, "its_channel": row.channel}
        above = connection.execute(HOLD, its_name).first()
        if above is None or not (above.quiet is not None or _was_told(above)):
            return
        if above.quiet is None and above.subject is not None:
            connection.execute(ALONE, its_name | {"its_key": row.key})
            return
        row = connection.execute(WOKEN, its_name).one()


def _change(row: Row[Any], new: dict[str, object], quiet: Quiet | None) -> tuple[Executable, dict[str, object]] | None:
    """None where it stays as it is."""
    kept, news = row.quiet is not None, _is_news(row, new)
    if not (kept or _was_told(row)):
        return (_newer(row, final=bool(new["final"])), new) if news else None
    content = new | {"version": row.version + 1} if news else {}
    if quiet and quiet.loud:
        return (SPOKEN, content) if kept or news else None
    if not news:
        return None
    stays = {} if kept else {"sent": row.version + 1}
    return CHANGE, content | (_kept(quiet) if quiet else stays)


def _was_told(row: Row[Any]) -> bool:
    """In a digest, and not by itself."""
    return row.message is None and row.turn is None and row.quiet is None and bool(row.sent == row.version)


def _is_news(row: Row[Any], new: Mapping[str, object]) -> bool:
    same = row.reply == new["reply"] and row.final == new["final"]
    return not same and bool(new["final"] or not row.final)


def _newer(row: Row[Any], *, final: bool) -> Executable:
    if row.turn is None:
        return FRESH
    paced = row.message is not None and not row.attempts
    return AT_ONCE if final and paced else NEWER


def read_message(row: Row[Any], thread: str | None) -> Message:
    return Message(
        key=row.key,
        place=Place(row.platform, row.stands_in or row.channel, thread, row.message, row.beside),
        reply=read_reply(row.reply),
        final=row.final,
        parent=row.parent,
        edits=row.edits,
        version=row.version,
        attempts=row.attempts,
        tried=row.message is None and row.retry_at is not None,
        quiet=None if row.quiet is None else Quiet(at_moment(row.quiet), row.subject),
    )
