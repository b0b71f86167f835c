"""A reply as one text: what a notification shows and a screen reader reads, so it says everything."""

import re
from collections.abc import Iterator
from datetime import datetime

from bot.chat.slack.literal import cell, escaped, visible
from bot.core.model import Reply, Table, Tone

SIGNS = {Tone.PLAIN: "", Tone.WORKING: "… ", Tone.GOOD: "✓ ", Tone.BAD: "✗ ", Tone.WARNING: "! "}
LONGEST = 3_500
MENTIONS = 20
ID = re.compile(r"[A-Z0-9]{2,40}", re.ASCII)


def heading(reply: Reply) -> str:
    """The title, with a sign before it: colours alone tell nothing to some."""
    return SIGNS[reply.tone] + visible(reply.title).replace("\n", " ")


def mentions(reply: Reply) -> str:
    """Only what is an id: Slack reads groups and people apart by its first letter."""
    return " ".join(filter(None, map(_mention, reply.mentions[:MENTIONS])))


def fallback(reply: Reply, now: datetime) -> str:
    called = mentions(reply)
    kept = [called] if called else []
    left = LONGEST - len(called)
    for line in _lines(reply, now):
        safe = escaped(line)
        if len(safe) >= left:
            return "\n".join([*kept, _beginning(line, left), "… more"]).strip()
        kept.append(safe)
        left -= len(safe) + 1
    return "\n".join(kept)


def _mention(whom: str) -> str:
    platform, _, identity = whom.partition(":")
    if whom == "@here":
        return "<!here>"
    if platform != "slack" or not ID.fullmatch(identity):
        return ""
    return f"<!subteam^{identity}>" if identity.startswith("S") else f"<@{identity}>"


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
