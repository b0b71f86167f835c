"""A table as lines of equal letters that line up: for a block of code, and for a file."""

import unicodedata
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from itertools import islice

from bot.chat.webex.literal import cell
from bot.core.model import Table

GAP = "  "
LONGEST = 300
WIDEST = 48


def grid(table: Table, now: datetime, most_rows: int) -> Iterator[str]:
    """The heads, then a line for each row. What is wider than a column runs over instead of being lost."""
    heads = [cell(name, now, LONGEST) for name in table.columns]
    rows = [[cell(value, now, LONGEST) for value in row] for row in islice(table.rows, most_rows)]
    widths = [min(WIDEST, max(map(letters, column))) for column in zip(heads, *rows, strict=True)]
    right = [name in table.numeric for name in table.columns]
    for row in (heads, *rows):
        padded = (_pad(text, width, right=r) for text, width, r in zip(row, widths, right, strict=True))
        yield GAP.join(padded).rstrip()


def letters(text: str) -> int:
    """How many places it takes: wide letters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(map(_places, text))


@lru_cache(4096)
def _places(letter: str) -> int:
    return 0 if unicodedata.combining(letter) else 1 + (unicodedata.east_asian_width(letter) in "WF")


def _pad(text: str, width: int, *, right: bool) -> str:
    space = " " * (width - letters(text))
    return space + text if right else text + space
