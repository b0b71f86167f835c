"""Reply → the Markdown of one Webex message. Pure; every limit of Webex is kept here.

It is plain Markdown because Webex lets nothing else be edited. Buttons stand in a card of their own, and what is too
long in a file.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby

from msgspec import Struct

from bot.chat.webex.grid import grid
from bot.chat.webex.literal import one_line, prose, size, visible
from bot.chat.webex.marker import marker
from bot.chat.webex.page import Page, fit
from bot.core.model import Field, Reply, Tone
from bot.core.render import VERBATIM

SIGNS = {Tone.PLAIN: "", Tone.WORKING: "… ", Tone.GOOD: "✓ ", Tone.BAD: "✗ ", Tone.WARNING: "! "}
TITLE, FIELDS = 900, 1_500
ROWS, ROWS_IN_FILE = 100, 5_000
FILE = 1_000_000
MENTIONS = 20
ADDRESS = re.compile(r"[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9.-]{1,190}", re.ASCII)

Part = tuple[bool, list[str]]
"""Is it verbatim, and its lines."""


class Rendered(Struct, frozen=True):
    """`file` is the whole of it, where the message had to leave something out."""

    markdown: str
    file: str = ""


def render(reply: Reply, key: str, now: datetime) -> Rendered:
    page = Page()
    title = heading(reply)
    shown = fit(title, TITLE)
    page.raw(" ".join([f"**{shown}{marker(key)}**", *_called(reply)]))
    page.cut = shown != prose(title)
    if reply.fields:
        page.lines([_joined(reply.fields)], FIELDS)
    parts = list(_parts(reply.body))
    if reply.table:
        rows = list(grid(reply.table, now, ROWS))
        page.block(rows, len(reply.table.rows) - len(rows) + 1, rows=True, later=_prose_size(parts))
    for number, (verbatim, lines) in enumerate(parts):
        if verbatim:
            page.block(lines, later=_prose_size(parts[number:]))
        else:
            page.lines(lines)
    return Rendered(page.text, whole(reply, now)[:FILE] if page.cut else "")


def _called(reply: Reply) -> Iterator[str]:
    """The one place where a mention is meant as such."""
    for whom in reply.mentions[:MENTIONS]:
        platform, _, address = whom.partition(":")
        if whom == "@here":
            yield "<@all>"
        elif platform == "webex" and ADDRESS.fullmatch(address):
            yield f"<@personEmail:{address}>"


def heading(reply: Reply) -> str:
    """The title, with a sign before it: Webex has no colours, and colours alone tell nothing to some."""
    return SIGNS[reply.tone] + one_line(reply.title)


def whole(reply: Reply, now: datetime) -> str:
    """Everything, as plain text."""
    lines = [heading(reply), *(f"{visible(f.name)}: {visible(f.value)}" for f in reply.fields)]
    if reply.table:
        lines += grid(reply.table, now, ROWS_IN_FILE)
    lines += [line.removeprefix(VERBATIM) for line in visible(reply.body).split("\n")] if reply.body else []
    return "\n".join(lines) + "\n"


def _joined(fields: tuple[Field, ...]) -> str:
    return " · ".join(f"{one_line(f.name)} {one_line(f.value)}" for f in fields)


def _prose_size(parts: Sequence[Part]) -> int:
    return sum(size(line) + 4 for verbatim, lines in parts if not verbatim for line in lines)


def _parts(body: str) -> Iterator[Part]:
    """Prose and what is verbatim, in turn."""
    lines = visible(body).split("\n") if body else ()
    for verbatim, group in groupby(lines, key=lambda line: line.startswith(VERBATIM)):
        said = [line.removeprefix(VERBATIM) if verbatim else line for line in group]
        if verbatim or any(line.strip() for line in said):
            yield verbatim, said
