"""A reply as one text: what a notification shows and a screen reader reads, so it says everything."""

from collections.abc import Iterator
from datetime import datetime

from bot.chat.slack.literal import cell, escaped, visible
from bot.core.model import Reply, Table, Tone

SIGNS = {Tone.PLAIN: "", Tone.WORKING: "… ", Tone.GOOD: "✓ ", Tone.BAD: "✗ ", Tone.WARNING: "! "}
LONGEST = 3_500


def heading(reply: Reply) -> str:
    """The title, with a sign before it: colours alone tell nothing to some."""
    return SIGNS[reply.tone] + visible(reply.title).replace("\n", " ")


def fallback(reply: Reply, now: datetime) -> str:
    kept: list[str] = []
    left = LONGEST
    for line in _lines(reply, now):
        safe = escaped(line)
        if len(safe) >= left:
            return "\n".join([*kept, _beginning(line, left), "… more"]).strip()
        kept.append(safe)
        left -= len(safe) + 1
    return "\n".join(kept)


def _beginning(line: str, most: int) -> str:
    """Cut before it is escaped: half an escape is worse than a shorter line."""
    return escaped(line[: most // len("&amp;")])


def _lines(reply: Reply, now: datetime) -> Iterator[str]:
    yield heading(reply)
    for field in reply.fields:
        yield f"{visible(field.name)}: {visible(field.value)}"
    if reply.table:
        yield from _rows(reply.table, now)
    yield from visible(reply.body).split("\n") if reply.body else ()
    for button in reply.buttons:
        yield f"[{visible(button.label)}] {visible(button.command)}"


def _rows(table: Table, now: datetime) -> Iterator[str]:
    """Each value after the name of its column: what lines up for the eye says nothing to the ear."""
    for row in table.rows:
        named = zip(table.columns, (cell(value, now) for value in row), strict=True)
        yield " · ".join(f"{visible(name)} {value}" for name, value in named if value)
