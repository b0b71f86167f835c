"""A table as lines of equal letters that line up: for a block of code, and for a file."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from bot.chat.letters import letters, padded
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
        texts = (padded(text, width, right=r) for text, width, r in zip(row, widths, right, strict=True))
        yield GAP.join(texts).rstrip()
