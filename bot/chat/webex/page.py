"""One message's worth of Markdown: paragraphs and blocks of code, filled in until Webex would take no more."""

from collections.abc import Sequence

from bot.chat.webex.literal import BREAK, code, cut, prose, shielded, size

LIMIT = 7_439
MORE = "… more"
NOTE = 40
BETWEEN = 2
FENCES = 24
LATER = 1_500
LINE = 1_000
LEAST = 120


class Page:
    """`cut` tells whether something was left out; where it was, the page says how much."""

    def __init__(self) -> None:
        self._blocks: list[str] = []
        self._left = LIMIT - size(MORE) - 2 * BETWEEN
        self._full = False
        self.cut = False

    @property
    def text(self) -> str:
        return "\n\n".join(self._blocks)

    def raw(self, markdown: str) -> None:
        """Something that is Markdown already, and short."""
        self._blocks.append(markdown)
        self._left -= size(markdown) + BETWEEN

    def lines(self, lines: Sequence[str], most: int = LIMIT) -> None:
        """A paragraph that keeps its beginning."""
        if self._no_room():
            return
        room = min(most, self._left - NOTE)
        longest = most if len(lines) == 1 else most // 2
        kept: list[str] = []
        for line in lines:
            markdown = fit(line, min(room, longest))
            if line and not markdown:
                break
            room -= size(markdown) + len(BREAK)
            kept.append(markdown)
            self.cut = self.cut or markdown != prose(line)
        self._note(kept, len(lines) - len(kept), "more lines", last=True)
        if any(kept):
            self.raw(BREAK.join(kept))

    def block(self, lines: Sequence[str], missing: int = 0, *, rows: bool = False, later: int = 0) -> None:
        """Code. A table keeps its beginning, and anything else its end: of a log the newest lines matter.

        `later` is how much prose comes after it; some room is left for that.
        """
        if self._no_room():
            return
        room = self._left - NOTE - FENCES - (min(later + LEAST, LATER) if later else 0)
        kept: list[str] = []
        for line in lines if rows else reversed(lines):
            short = shielded(cut(line, LINE))
            if size(short) + 1 > room:
                break
            self.cut = self.cut or len(line) > LINE
            room -= size(short) + 1
            kept.append(short)
        missing += len(lines) - len(kept)
        ordered = kept if rows else kept[::-1]
        self._note(ordered, missing, "more rows" if rows else "earlier lines", last=rows)
        if ordered:
            self.raw(code(ordered))

    def _no_room(self) -> bool:
        """Said once, at the end."""
        if self._left >= LEAST and not self._full:
            return False
        if not self._full:
            self._blocks.append(MORE)
        self._full = self.cut = True
        return True

    def _note(self, kept: list[str], missing: int, what: str, *, last: bool) -> None:
        if missing <= 0:
            return
        self.cut = True
        kept.insert(len(kept) if last else 0, f"… {missing:,} {what}")


def fit(line: str, room: int) -> str:
    """As much of the line as there is room for once it is escaped; an escape is never cut in half."""
    whole = prose(line)
    if size(whole) <= room:
        return whole
    low, high = 0, len(line)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if size(prose(line[:middle])) + 3 <= room else (low, middle - 1)
    return prose(line[:low]) + "…" if low else ""
