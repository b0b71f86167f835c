"""What was written stays written: each record bears a seal over its own text and over the seal before it.

Whoever changes, removes, adds or moves one breaks every seal from there on. Somebody who may write the whole store
could seal it all anew: that shows only against a seal that was noted elsewhere, which is why seals are logged.
"""

from collections.abc import Iterable
from hashlib import sha256

from msgspec import Struct

from bot.core.audit import AuditEntry


class Link(Struct, frozen=True):
    number: int
    text: str
    seal: str


class Head(Struct, frozen=True):
    """Where a chain ends."""

    number: int = 0
    seal: str = ""


class Chain(Struct, frozen=True):
    """What was found: how many records hold, where they end, and the number of the first that does not hold."""

    count: int
    head: Head
    broken: int | None = None


class Sealed(Struct, frozen=True):
    """A record as it is handed out."""

    number: int
    seal: str
    entry: AuditEntry


def seal(previous: str, number: int, text: str) -> str:
    return sha256(f"{previous}\n{number}\n{text}".encode()).hexdigest()


def walk(links: Iterable[Link], head: Head) -> Chain:
    """`head` is where the chain is said to end: what was cut off its end is missed by nothing else."""
    count, last = 0, Head()
    for link in links:
        if link.number <= last.number or link.seal != seal(last.seal, link.number, link.text):
            return Chain(count, last, broken=link.number)
        count, last = count + 1, Head(link.number, link.seal)
    return Chain(count, last, broken=None if last == head else last.number + 1)
