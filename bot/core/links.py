"""Where the links of a reply belong: behind the words of its title that name them, the others after it."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bot.core.model import Field, Reply

SAFE = re.compile(r"https?://[^\s<>|\"]{1,1900}")


class Part(NamedTuple):
    """A piece of a title; with an address it is a link."""

    text: str
    url: str = ""


def links(reply: Reply) -> list[Field]:
    """Addresses that can be followed as they are; any other one stays a text."""
    return [field for field in reply.fields if field.is_link and field.name and SAFE.fullmatch(field.value)]


def titled(title: str, found: Sequence[Field]) -> tuple[list[Part], list[Field]]:
    """The title in pieces, and the links that it does not name. `(Open)` is meant before `Open` in a name."""
    spots = sorted(_spots(title, found))
    named = {number for _, number in spots}
    return list(_pieces(title, found, spots)), [field for n, field in enumerate(found) if n not in named]


def _spots(title: str, found: Sequence[Field]) -> Iterator[tuple[int, int]]:
    """Where each link's name begins; no two share a letter."""
    taken: set[int] = set()
    for number, field in enumerate(found):
        bracketed = title.find(f"({field.name})")
        start = bracketed + 1 if bracketed >= 0 else title.find(field.name)
        letters = set(range(start, start + len(field.name)))
        if start >= 0 and not letters & taken:
            taken |= letters
            yield start, number


def _pieces(title: str, found: Sequence[Field], spots: Sequence[tuple[int, int]]) -> Iterator[Part]:
    done = 0
    for start, number in spots:
        if start > done:
            yield Part(title[done:start])
        done = start + len(found[number].name)
        yield Part(title[start:done], found[number].value)
    if done < len(title):
        yield Part(title[done:])
