"""What stands in the room: one entry per message, cut to what a person can read."""

import re
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from bot.core.model import Cell, Field, Message, Reply, Table, Who
from bot.core.secret import MASK

TITLE, CELL, BODY, ROWS, FIELDS = 1_000, 2_000, 20_000, 500, 50

_ASSIGNED = r"""=(?:"[^"]*"?|'[^']*'?|“[^”]*”?|\S+)"""
_VALUES = re.compile(rf"(?<=\w){_ASSIGNED}")
_ENVIRONMENT = re.compile(rf"(?<=[A-Z0-9_]){_ASSIGNED}")
_SET = re.compile(r"\s*\W?set\s", re.IGNORECASE)


class Entry(Struct, frozen=True):
    """`serial` numbers every change of the room, so that a reader can ask for what it missed.

    `who` is the person whose order this is; what the bot says has none.
    """

    id: str
    message: Message
    posted: datetime
    serial: int
    edited: datetime | None = None
    who: Who | None = None

    @property
    def thread(self) -> str | None:
        return self.message.place.thread


def veil(text: str) -> str:
    """The order as everybody may read it: what is assigned to an environment variable is not shown."""
    return (_VALUES if _SET.match(text) else _ENVIRONMENT).sub(f"={MASK}", text)


def fit(reply: Reply) -> Reply:
    """What is too long for the room is cut, and says so: an answer never fails for its length."""
    return replace(
        reply,
        title=_cut(reply.title, TITLE),
        body=_cut(reply.body, BODY),
        fields=tuple(Field(_cut(f.name, CELL), _cut(f.value, CELL)) for f in reply.fields[:FIELDS]),
        table=_cut_table(reply.table) if reply.table else None,
    )


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}… ({len(text) - most:,} more characters)"


def _cut_table(table: Table) -> Table:
    rows = tuple(tuple(_cut_cell(cell) for cell in row) for row in table.rows[:ROWS])
    if (more := len(table.rows) - ROWS) > 0:
        rows += ((f"… {more:,} more rows", *[""] * (len(table.columns) - 1)),)
    return replace(table, rows=rows)


def _cut_cell(cell: Cell) -> Cell:
    return _cut(cell, CELL) if isinstance(cell, str) else cell
