"""The body of a reply, in the pieces that Slack shows: prose as it is, verbatim lines as code."""

from itertools import groupby

from msgspec import Struct

from bot.chat.slack.literal import code, cut, inline, visible
from bot.core.render import VERBATIM

BLOCK = 2_900
NOTE = 40
MOST_PIECES = 24
MOST_LINES = 100
LINES_APART = 6
FENCES = len(code(""))


class Piece(Struct, frozen=True):
    """One block's text."""

    text: str
    verbatim: bool = False


class Body(Struct, frozen=True):
    """`file` is all that is verbatim, where the message has no room for it."""

    pieces: tuple[Piece, ...] = ()
    file: str = ""


def body(text: str, room: int) -> Body:
    """Prose keeps its beginning, and what is verbatim its end: of a log the newest lines matter."""
    lines = visible(text).split("\n") if text else []
    pieces: list[Piece] = []
    whole = True
    left = lines
    for verbatim, group in groupby(lines, key=_is_verbatim):
        if room < NOTE or len(pieces) >= MOST_PIECES:
            pieces.append(Piece(f"… {len(left):,} more lines"))
            whole = False
            break
        paragraph = list(group)
        left = left[len(paragraph) :]
        made, complete = _code(paragraph, room) if verbatim else (_prose(paragraph, room), True)
        whole = whole and complete
        room -= sum(len(piece.text) for piece in made)
        pieces += made
    file = "" if whole else "\n".join(line.removeprefix(VERBATIM) for line in lines if _is_verbatim(line))
    return Body(tuple(pieces), file)


def _is_verbatim(line: str) -> bool:
    return line.startswith(VERBATIM)


def _prose(lines: list[str], room: int) -> list[Piece]:
    """A few lines stand apart, so that they are read one by one; many are one text."""
    said = [line for line in lines if line.strip()]
    kept: list[str] = []
    left = min(room, BLOCK)
    for line in said[:MOST_LINES]:
        short = cut(line, BLOCK // 2)
        if len(short) >= left:
            break
        kept.append(short)
        left -= len(short) + 1
    if len(kept) < len(said):
        kept.append(f"… {len(said) - len(kept):,} more lines")
    if len(kept) <= LINES_APART:
        return [Piece(line) for line in kept]
    return [Piece("\n".join(kept))]


def _code(lines: list[str], room: int) -> tuple[list[Piece], bool]:
    """As many blocks as there is room for, filled from the end; and whether that was all of it."""
    waiting = [line.removeprefix(VERBATIM) for line in lines]
    short = [cut(line, BLOCK // 4) for line in waiting]
    complete = short == waiting
    blocks: list[list[str]] = []
    left = min(room, 2 * BLOCK)
    while short and (taken := _last(short, min(BLOCK, left))):
        blocks.insert(0, taken)
        left -= len(code("\n".join(taken)))
    if short:
        first = blocks[0] if blocks else [""]
        blocks[:1] = [[f"… {len(short) + 1:,} earlier lines", *first[1:]]]
        complete = False
    return [Piece(_shown(block), verbatim=True) for block in blocks], complete


def _shown(lines: list[str]) -> str:
    return inline(lines[0]) if len(lines) == 1 else code("\n".join(lines))


def _last(lines: list[str], room: int) -> list[str]:
    """The last lines that fit; they are taken away from the others."""
    taken: list[str] = []
    left = room - FENCES
    while lines and (size := len(code(lines[-1])) - FENCES + 1) <= left:
        taken.insert(0, lines.pop())
        left -= size
    return taken
