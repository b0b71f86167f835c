"""An order that is to be typed next keeps the flags of the one that was typed: a hint that drops `--override "…"` would
be refused in its turn, and one that drops `--dry-run` would be carried out."""

import re
from collections.abc import Collection

from bot.core.model import Words

VALUED = ("partition", "override", "lines", "find")
_PLAIN = re.compile(r"\w[\w.:-]*")
_ENDING = re.compile(r'(["“”„‟\\])')


def with_flags(order: str, words: Words, *, but: Collection[str] = ()) -> str:
    """`but` are those that do not go with `order`."""
    valued = [f"{name} {quoted(value)}" for name in VALUED if (value := words.get(name)) is not None]
    typed = [*valued, *sorted(words.flags)]
    return " ".join([order, *(f"--{flag}" for flag in typed if flag.partition(" ")[0] not in but)])


def quoted(value: str) -> str:
    if _PLAIN.fullmatch(value):
        return value
    kept = _ENDING.sub(r"\\\1", value)
    return f'"{kept}"'
