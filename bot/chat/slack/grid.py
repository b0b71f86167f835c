"""A table as lines of equal letters that line up on a phone.

A phone shows about forty of them. What is wider is folded: each row becomes two or three lines, each of them with
columns of its own that line up with those of the other rows. Only the last column, which holds the free words, may
run over: where it is long the reader's client breaks it.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

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


def letters(text: str) -> int:
    """How many places it takes: wide letters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(map(_places, text))


@lru_cache(4096)
def _places(letter: str) -> int:
    return 0 if unicodedata.combining(letter) else 1 + (unicodedata.east_asian_width(letter) in "WF")


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
        texts = [_padded(column, column.cells[number] if number >= 0 else column.head) for column in group]
        line = GAP.join(texts).rstrip()
        if line:
            yield line if group is groups[0] else GAP + line


def _padded(column: Column, text: str) -> str:
    space = " " * (column.width - letters(text))
    return space + text if column.right else text + space
