"""Letters on their way to a screen: which are sent as they are, how much room they take, and how many there may be."""

import unicodedata
from functools import lru_cache

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def visible(text: str) -> str:
    """Nothing that turns text around or cannot be seen is sent as it came; a line break is."""
    spread = text.expandtabs(4)
    if spread.replace("\n", "").isprintable():
        return spread
    return "".join(c if c == "\n" else spelt(c) for c in spread)


def spelt(character: str) -> str:
    if unicodedata.category(character) not in _HIDDEN:
        return character
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


def letters(text: str) -> int:
    """How many places it takes: wide letters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(map(_places, text))


@lru_cache(4096)
def _places(letter: str) -> int:
    return 0 if unicodedata.combining(letter) else 1 + (unicodedata.east_asian_width(letter) in "WF")


def padded(text: str, width: int, *, right: bool = False) -> str:
    space = " " * (width - letters(text))
    return space + text if right else text + space


def cut(text: str, most: int) -> str:
    """At most that long, with the number of what is missing."""
    if len(text) <= most:
        return text
    note = f"… ({len(text) - most + 30:,} more characters)"
    return text[: most - len(note)] + note
