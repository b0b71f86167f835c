"""A table as lines of equal letters that line up on a phone.

A phone shows about forty of them. What is wider is folded: each row becomes two or three lines, each of them with
columns of its own that line up with those of the other rows. Only the last column, which holds the free words, may
run over: where it is long the reader's client breaks it.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from bot.chat.letters import letters, padded
from bot.chat.slack.literal import cell
from bot.core.model import Table

PHONE = 40
FREE = 12
GAP = "  "
WIDEST = 40


class Column(NamedTuple):
    """`room` is what it takes of a line when the lines are drawn up."""

    head: str
    cells: list[str]
    width: int
    room: int
    right: bool


def grid(table: Table, now: datetime, most_rows: int) -> list[str]:
    """One text for each row, the heads first."""
    groups = _groups(_columns(table, now, most_rows))
    return ["\n".join(_lines(groups, number)) for number in range(-1, min(len(table.rows), most_rows))]


def _columns(table: Table, now: datetime, most_rows: int) -> list[Column]:
    found = []
    for number, name in enumerate(table.columns):
        cells = [cell(row[number], now) for row in table.rows[:most_rows]]
        head = cell(name, now)
        width = min(WIDEST, max(map(letters, [head, *cells])))
        last = number == len(table.columns) - 1
        found.append(Column(head, cells, width, min(width, FREE) if last else width, name in table.numeric))
    return found


def _groups(columns: Sequence[Column]) -> list[list[Column]]:
    """As many columns to a line as fit."""
    groups: list[list[Column]] = []
    used = PHONE
    for column in columns:
        if groups and used + len(GAP) + column.room <= PHONE:
            groups[-1].append(column)
            used += len(GAP) + column.room
        else:
            used = column.room + (len(GAP) if groups else 0)
            groups.append([column])
    return groups


def _lines(groups: Sequence[Sequence[Column]], number: int) -> Iterator[str]:
    for group in groups:
        cells = [(column, column.cells[number] if number >= 0 else column.head) for column in group]
        texts = [padded(text, column.width, right=column.right) for column, text in cells]
        line = GAP.join(texts).rstrip()
        if line:
            yield line if group is groups[0] else GAP + line
