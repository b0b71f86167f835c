"""A line as chat clients deliver it → the words that were meant.

Clients bend what people type: `--dry-run` becomes `—dry-run`, quotes curl, spaces stop breaking, and every word with
a dot becomes a link. What cannot have been meant is refused by name: what is invisible must not change an order.
"""

import re
import unicodedata
from collections.abc import Sequence

from msgspec import Struct

from bot.core.errors import UsageError

MOST_CHARACTERS = 4_000
MOST_WORDS = 100
_UNSEEN = dict.fromkeys(map(ord, "\u200b\ufeff\u2060\u00ad"))
_JOINERS = "\u200c\u200d"
_SPACES = "\t\r\n"
_WRAPPED = re.compile(r"<((?:https?://|mailto:|tel:)[^<>|\s]+)(?:\|([^<>|]+))?>")
_MARKDOWN = re.compile(r"\[([^\[\]]+)\]\((?:https?://|mailto:|tel:)[^()\s]*\)")
_BARE_LINK = re.compile(r"https?://([^\s/.:?#]+)/?", re.IGNORECASE)
_DASHES = re.compile(r"[—–](?=[A-Za-z])|[—–‒−-]{2}(?=[A-Za-z])")
_CLOSING = {
    **dict.fromkeys('"“”„‟', '"“”„‟'),
    **dict.fromkeys("'‘’‚‛", "'‘’‚‛"),
    **dict.fromkeys("«»", "«»"),
    **dict.fromkeys("‹›", "‹›"),
}


class Token(Struct, frozen=True):
    """One word. `start` is where it stands in the line; `quoted` when quotes held all of it together."""

    text: str
    start: int = 0
    quoted: bool = False


class Line(Struct, frozen=True):
    """The cleaned line and its words. The line is what a free text at its end is cut from."""

    text: str
    tokens: tuple[Token, ...]


def split(text: str, names: Sequence[str] = ()) -> Line:
    """UsageError for what is no line of words. `names` are the bot's own: what it is called with is not an order."""
    _refuse_size(len(text), MOST_CHARACTERS, "characters")
    _refuse_unseen(text)
    line = _uncalled(_unlinked(text.translate(_UNSEEN)), names)
    tokens = _tokens(line)
    _refuse_size(len(tokens), MOST_WORDS, "words")
    return Line(text=line, tokens=tuple(tokens))


def _refuse_size(size: int, most: int, what: str) -> None:
    if size > most:
        raise UsageError(f"That is too long for an order: {size:,} {what}.", fact=f"An order has at most {most:,}.")


def _refuse_unseen(text: str) -> None:
    found = next((c for c in text if _is_unseen(c)), None)
    if found is not None:
        raise UsageError(
            f"The text holds {_named(found)} (U+{ord(found):04X}), which nobody can see.",
            hint="Type the order again instead of pasting it.",
        )


def _is_unseen(character: str) -> bool:
    if character in _SPACES or character in _JOINERS or ord(character) in _UNSEEN:
        return False
    return unicodedata.category(character) in ("Cc", "Cf", "Cs")


def _named(character: str) -> str:
    if character == "\0":
        return "a zero byte"
    if unicodedata.category(character) == "Cs":
        return "half a character"
    return f"a {unicodedata.name(character, 'control character').lower()}"


def _unlinked(text: str) -> str:
    """Links show the word that was typed; where they hold nothing but an address, it is the address."""
    text = _WRAPPED.sub(lambda link: link[2] or link[1], text)
    return _MARKDOWN.sub(r"\1", text)


def _uncalled(line: str, names: Sequence[str]) -> str:
    """Without the slash and the name that a person called the bot by."""
    line = line.strip()
    called = "|".join(rf"<@{re.escape(name)}(?:\|[^>]*)?>|@?{re.escape(name)}" for name in names if name)
    if called:
        line = re.sub(rf"^/?\s*(?:{called})[:,]?(?=\s|$)", "", line, count=1, flags=re.IGNORECASE).strip()
    return _uncoded(line.removeprefix("/").strip()).removeprefix("/")


def _uncoded(line: str) -> str:
    """People write orders as they read them in documents: `status`."""
    return line.strip("`").strip() if line[:1] == line[-1:] == "`" else line


def _tokens(line: str) -> list[Token]:
    tokens: list[Token] = []
    position = 0
    while position < len(line):
        if line[position].isspace():
            position += 1
            continue
        token, position = _token(line, position)
        tokens.append(token)
    return tokens


def _token(line: str, start: int) -> tuple[Token, int]:
    """One word from `start`, and where it ends. A quote opens at the beginning of a word or after its `=`."""
    if line[start] in _CLOSING:
        text, end = _quoted(line, start)
        return Token(text=text, start=start, quoted=True), end
    end = start
    while end < len(line) and not line[end].isspace():
        if line[end - 1] == "=" and end > start and line[end] in _CLOSING:
            value, close = _quoted(line, end)
            return Token(text=line[start:end] + value, start=start), close
        end += 1
    return Token(text=_word(line[start:end]), start=start), end


def _word(text: str) -> str:
    link = _BARE_LINK.fullmatch(text)
    text = link[1] if link else text
    dashes = _DASHES.match(text)
    text = f"--{text[dashes.end() :]}" if dashes else text
    return re.sub(r"\\([\"'\\])", r"\1", text)


def _quoted(line: str, start: int) -> tuple[str, int]:
    """What stands between the quotes. They close before a space or at the end: an apostrophe closes nothing."""
    closing = _CLOSING[line[start]]
    kept: list[str] = []
    position = start + 1
    while position < len(line):
        character = line[position]
        if character == "\\" and line[position + 1 : position + 2] in (*closing, "\\"):
            position += 1
            character = line[position]
        elif character in closing and (position + 1 == len(line) or line[position + 1].isspace()):
            return "".join(kept), position + 1
        kept.append(character)
        position += 1
    raise UsageError(
        "A quote is opened and not closed.",
        fact=f"It stands at character {start + 1}.",
        hint="Close it, or leave it out.",
    )
