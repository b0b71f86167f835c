"""Text that Webex shows as it is: nothing in it becomes markup, a link or a mention.

Backslashes before the few characters of the first Markdown, entities for the others, because older renderers show a
backslash that they do not know. Nothing is escaped within code, but a mention works even there and is kept apart.
"""

import re
from collections.abc import Sequence
from datetime import datetime

from bot.chat.letters import cut as cut
from bot.chat.letters import visible as visible
from bot.core.model import Cell, When
from bot.core.words import age

BREAK = "  \n"
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


def cell(value: Cell, now: datetime, most: int) -> str:
    """How long ago, where the place is narrow."""
    if isinstance(value, When):
        return age(value.at, now)
    return one_line(cut(value, most))


def one_line(text: str) -> str:
    return visible(text).replace("\n", " ")


def _started(found: re.Match[str]) -> str:
    sign, equals, number, mark = found.groups()
    if number:
        return f"{number}\\{mark}"
    return "&#61;" if equals else f"\\{sign}"
