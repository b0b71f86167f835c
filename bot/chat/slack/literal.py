"""Text that Slack shows as it is: nothing in it becomes a mention, a link or markup.

Prose goes into `plain_text` objects, which know no markup. What must line up goes into a code block, the one place
where mrkdwn leaves everything alone but the three characters that Slack wants escaped and the fence itself.
"""

import unicodedata
from datetime import datetime

from bot.core.model import Cell, When
from bot.core.words import age, ago

FENCE = "```"
LONGEST_CELL = 300
_UNSEEN = "\u200b"
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def visible(text: str) -> str:
    """Nothing that turns text around or cannot be seen is sent as it came; a line break is."""
    if text.replace("\n", "").isprintable():
        return text
    return "".join(_named(c) if c != "\n" and unicodedata.category(c) in _HIDDEN else c for c in text.expandtabs(4))


def escaped(text: str) -> str:
    return text.translate(_ESCAPES)


def code(text: str) -> str:
    """A code block. A fence inside of it is kept apart by what nobody sees, and what our parser drops again."""
    return f"{FENCE}\n{escaped(text).replace(FENCE, _UNSEEN.join(FENCE))}\n{FENCE}"


def inline(text: str) -> str:
    """One line as code within prose: an order to type, easy to copy."""
    return code(text) if "`" in text or not text.strip() else f"`{escaped(text.strip())}`"


def cut(text: str, most: int) -> str:
    """At most that long, with the number of what is missing."""
    if len(text) <= most:
        return text
    note = f"… ({len(text) - most + 30:,} more characters)"
    return text[: most - len(note)] + note


def cell(value: Cell, now: datetime) -> str:
    """How long ago, where the place is narrow; what lies ahead says so."""
    if isinstance(value, When):
        return age(value.at, now) if value.at <= now else ago(value.at, now)
    return cut(visible(value[: 2 * LONGEST_CELL]).replace("\n", " "), LONGEST_CELL)


def _named(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
