"""Text that Slack shows as it is: nothing in it becomes a mention, a link or markup.

Prose goes into `plain_text` objects, which know no markup. What must line up goes into a code block, the one place
where mrkdwn leaves everything alone but the three characters that Slack wants escaped and the fence itself.
"""

from datetime import datetime

from bot.chat.letters import cut as cut
from bot.chat.letters import visible as visible
from bot.core.model import Cell, When
from bot.core.words import age

FENCE = "```"
LONGEST_CELL = 300
_UNSEEN = "\u200b"
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def escaped(text: str) -> str:
    return text.translate(_ESCAPES)


def code(text: str) -> str:
    """A code block. A fence inside of it is kept apart by what nobody sees, and what our parser drops again."""
    return f"{FENCE}\n{escaped(text).replace(FENCE, _UNSEEN.join(FENCE))}\n{FENCE}"


def inline(text: str) -> str:
    """One line as code within prose: an order to type, easy to copy."""
    return code(text) if "`" in text or not text.strip() else f"`{escaped(text.strip())}`"


def cell(value: Cell, now: datetime) -> str:
    """How long ago, where the place is narrow."""
    if isinstance(value, When):
        return age(value.at, now)
    return cut(visible(value[: 2 * LONGEST_CELL]).replace("\n", " "), LONGEST_CELL)
