"""A reply as plain text: for the pipe as it is, for the terminal with a colour per part."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from bot.chat.letters import letters, padded, spelt
from bot.core.model import Button, Cell, Reply, Table, Tone, When
from bot.core.render import VERBATIM
from bot.core.words import age

SIGNS = {Tone.PLAIN: "·", Tone.WORKING: "…", Tone.GOOD: "✓", Tone.BAD: "✗", Tone.WARNING: "!"}
INDENT = "  "
NARROWEST = 16


class Line(NamedTuple):
    """`part` says what it is, so that the terminal can colour it: title, field, head, row, body, verbatim, button."""

    part: str
    text: str


def plain(reply: Reply, now: datetime, width: int | None = None) -> str:
    """The whole reply. Without a width nothing is wrapped: that is for files and other programs."""
    return "\n".join(line.text for line in lines(reply, now, width))


def lines(reply: Reply, now: datetime, width: int | None = None) -> Iterator[Line]:
    yield Line("title", title(reply))
    if reply.mentions:
        yield Line("field", INDENT + visible(" ".join(reply.mentions)))
    if reply.fields:
        yield from _fields(reply, width)
    if reply.table:
        yield from _table(reply.table, now, width)
    for line in reply.body.split("\n") if reply.body else ():
        yield from _body(line, width)
    yield from _buttons(reply.buttons)


def beneath(reply: Reply, now: datetime, width: int | None = None) -> Iterator[Line]:
    """In a thread: its title, and the log lines that nothing else here shows."""
    yield Line("thread", f"{INDENT}└ {title(reply)}")
    for line in lines(reply, now, width):
        if line.part == "verbatim":
            yield Line("thread", f"{INDENT}{line.text}")


def title(reply: Reply) -> str:
    private = " (only for you)" if reply.private and not reply.code else ""
    return f"{SIGNS[reply.tone]} {visible(reply.title)}{private}"


def visible(text: str) -> str:
    """Nothing that a terminal would obey, and nothing that turns text around, is sent as it came."""
    return "".join(spelt(c) for c in text.expandtabs(4))


def wrap(text: str, width: int | None) -> list[str]:
    """Broken between words; a word that is longer than the line stays whole, so that it can be copied."""
    if width is None or letters(text) <= width:
        return [text]
    done, line = [], ""
    for word in text.split():
        if line and letters(line) + 1 + letters(word) > width:
            done.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return [*done, line]


def _fields(reply: Reply, width: int | None) -> Iterator[Line]:
    pairs = [(visible(f.name), visible(f.value)) for f in reply.fields]
    joined = INDENT + " · ".join(f"{name} {value}".strip() for name, value in pairs)
    if width is None or letters(joined) <= width:
        yield Line("field", joined)
        return
    longest = max(letters(name) for name, _ in pairs)
    for name, value in pairs:
        head = f"{INDENT}{padded(name, longest)}  "
        for number, part in enumerate(wrap(value, max(width - letters(head), NARROWEST))):
            yield Line("field", (" " * letters(head) if number else head) + part)


def _table(table: Table, now: datetime, width: int | None) -> Iterator[Line]:
    rows = [[_cell(cell, now) for cell in row] for row in table.rows]
    heads = [visible(column) for column in table.columns]
    widths = [max(letters(cell) for cell in column) for column in zip(heads, *rows, strict=True)]
    right = [column in table.numeric for column in table.columns]
    yield Line("head", _row(heads, widths, right))
    for row in rows:
        yield from (Line("row", line) for line in _wrapped_row(row, widths, right, width))


def _wrapped_row(row: list[str], widths: list[int], right: list[bool], width: int | None) -> Iterator[str]:
    """The last column, which holds the free words, goes on below itself where the row is too long."""
    before = len(INDENT) + sum(widths[:-1]) + 2 * (len(widths) - 1)
    room = width - before if width is not None else None
    parts = wrap(row[-1], room) if room is None or room >= NARROWEST else [row[-1]]
    yield _row([*row[:-1], parts[0]], widths, right)
    yield from (" " * before + part for part in parts[1:])


def _row(cells: list[str], widths: list[int], right: list[bool]) -> str:
    texts = (padded(cell, width, right=r) for cell, width, r in zip(cells, widths, right, strict=True))
    return (INDENT + "  ".join(texts)).rstrip()


def _cell(cell: Cell, now: datetime) -> str:
    return age(cell.at, now) if isinstance(cell, When) else visible(cell)


def _body(line: str, width: int | None) -> Iterator[Line]:
    if line.startswith(VERBATIM):
        yield Line("verbatim", VERBATIM + visible(line.removeprefix(VERBATIM)))
        return
    for part in wrap(visible(line), width - len(INDENT) if width is not None else None):
        yield Line("body", f"{INDENT}{part}".rstrip())


def _buttons(buttons: tuple[Button, ...]) -> Iterator[Line]:
    """A button is what it types."""
    labels = [f"[{visible(button.label)}]" for button in buttons]
    longest = max((letters(label) for label in labels), default=0)
    for label, button in zip(labels, buttons, strict=True):
        yield Line("button", f"{INDENT}{padded(label, longest)}  {visible(button.command)}")
