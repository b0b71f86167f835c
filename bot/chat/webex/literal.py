"""Text that Webex shows as it is: nothing in it becomes markup, a link or a mention.

Backslashes before the few characters of the first Markdown, entities for the others, because older renderers show a
backslash that they do not know. Nothing is escaped within code, but a mention works even there and is kept apart.
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime

from bot.core.model import Cell, When
from bot.core.words import age, ago

BREAK = "  \n"
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_UNSEEN = "\u200b"
_ESCAPES = str.maketrans(
    {
        **{character: f"\\{character}" for character in "\\`*_[]#"},
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        "~": "&#126;",
        "|": "&#124;",
    }
)
_LIST = re.compile(r"^(?:([-+])|([=])|(\d{1,9})([.)]))")
_LEADING = re.compile(r"^ +")
_FENCE = 10
_TICKS = re.compile(rf"`{{1,{_FENCE - 1}}}")
_TOO_MANY_TICKS = re.compile(rf"(`{{{_FENCE - 2}}})(?=`)")


def visible(text: str) -> str:
    """Nothing that turns text around or cannot be seen is sent as it came; a line break is."""
    spread = text.expandtabs(4)
    if spread.replace("\n", "").isprintable():
        return spread
    return "".join(c if c.isprintable() or c == "\n" else _named(c) for c in spread)


def prose(line: str) -> str:
    """One line of text. What would begin a list, a heading or code at the start of a line does not."""
    indent = _LEADING.match(line)
    rest = line[indent.end() :] if indent else line
    return "&nbsp;" * (len(line) - len(rest)) + _LIST.sub(_started, rest.translate(_ESCAPES).rstrip(), count=1)


def shielded(line: str) -> str:
    """A line for a block of code: what would be a mention, or would end the block, is held apart, unseen."""
    return _TOO_MANY_TICKS.sub(rf"\1{_UNSEEN}", line.replace("<@", f"<{_UNSEEN}@"))


def code(lines: Sequence[str]) -> str:
    """A block of shielded lines, with a fence longer than any in it."""
    text = "\n".join(lines)
    longest = max((len(ticks) for ticks in _TICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"


def size(text: str) -> int:
    """As Webex counts."""
    return len(text.encode())


def cut(text: str, most: int) -> str:
    """At most that many characters, with the number of what is missing."""
    if len(text) <= most:
        return text
    note = f"… ({len(text) - most + 30:,} more characters)"
    return text[: most - len(note)] + note


def cell(value: Cell, now: datetime, most: int) -> str:
    """How long ago, where the place is narrow; what lies ahead says so."""
    if isinstance(value, When):
        return age(value.at, now) if value.at <= now else ago(value.at, now)
    return one_line(cut(value, most))


def one_line(text: str) -> str:
    return visible(text).replace("\n", " ")


def _started(found: re.Match[str]) -> str:
    sign, equals, number, mark = found.groups()
    if number:
        return f"{number}\\{mark}"
    return "&#61;" if equals else f"\\{sign}"


def _named(character: str) -> str:
    if unicodedata.category(character) not in _HIDDEN:
        return character
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
