"""What should stand where: a row for each key, platform and channel. The thread belongs to the place, not to the name.

- The same content is no new version. Being final is content: a platform may show it.
- A newer version takes the turn of the unsent one it replaces, and waits out its retry: no flood after a refusal.
- What was final is corrected only by what is final.
- Nothing waits under a parent that does not stand yet; then it is handed out with the parent's thread.
- Of the posts of one place none overtakes another that waits for its retry. Edits may: they stand already.
- What was given up stays so until there is a newer version.
- `edits` counts those of the message that stands; another post under the key begins anew.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Executable, Row, and_, bindparam, case, exists, func, null, or_, select, update

from bot.core.model import Message, Place, Reply
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
HOLD = select(messages).where(THIS).with_for_update()
STANDING = select(messages).where(messages.c.key == bindparam("its_key"))
NEWER = update(messages).where(THIS).values(version=messages.c.version + 1).returning(*messages.c)
AT_ONCE = NEWER.values(retry_at=None)
FRESH = NEWER.values(turn=NEXT_TURN, **UNTRIED)
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

    def put_message(self, message: Message) -> Message:
        new = {"reply": encode(message.reply), "final": message.final, "at": moment(message.at) if message.at else None}
        with self._db.write() as connection:
            row = connection.execute(HOLD, _name(message)).first() if message.place.message else None
            if row is None:
                row = connection.execute(self._insert_message, _place(message) | FIRST | new).first()
            if row is None:
                row = connection.execute(HOLD, _name(message)).one()
            if _is_news(row, new):
                row = connection.execute(_newer(row, final=message.final), _name(message) | new).one()
        return _message(row, row.thread)

    def waiting_messages(self, platform: str, now: datetime, limit: int = 100) -> list[Message]:
        due = {"platform": platform, "now": moment(now), "most": limit}
        with self._db.read() as connection:
            return [_message(row, row.under) for row in connection.execute(queue.DUE, due)]

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
            return [_message(row, row.thread) for row in rows]

    def next_due(self, platform: str) -> datetime | None:
        """1970 where one is due already: the store knows no clock."""
        with self._db.read() as connection:
            due = connection.scalar(queue.NEXT, {"platform": platform})
        return None if due is None else at_moment(due)


def _name(message: Message) -> dict[str, object]:
    return {"its_key": message.key, "its_platform": message.place.platform, "its_channel": message.place.channel}


def _version(message: Message) -> dict[str, object]:
    return _name(message) | {"its_version": message.version}


def _place(message: Message) -> dict[str, object]:
    place = message.place
    return {
        "key": message.key,
        "platform": place.platform,
        "its_platform": place.platform,
        "channel": place.channel,
        "thread": place.thread,
        "parent": message.parent,
    }


def _is_news(row: Row[Any], new: Mapping[str, object]) -> bool:
    same = row.reply == new["reply"] and row.final == new["final"]
    return not same and bool(new["final"] or not row.final)


def _newer(row: Row[Any], *, final: bool) -> Executable:
    if row.turn is None:
        return FRESH
    return AT_ONCE if final and not row.attempts else NEWER


def _message(row: Row[Any], thread: str | None) -> Message:
    return Message(
        key=row.key,
        place=Place(row.platform, row.stands_in or row.channel, thread, row.message, row.beside),
        reply=read_reply(row.reply),
        final=row.final,
        parent=row.parent,
        edits=row.edits,
        version=row.version,
        attempts=row.attempts,
    )
