"""The usage line is the grammar: what help shows is what the parser and the completion read.

    deploy <service> <version> [to <environment>] [--dry-run]
    status [service] [in <environment>]
    set <service> <KEY=value…> [in <environment>]
    lock <service> [in <environment>] "reason"
    logs <service> [--previous] [--lines N]
    may <order…>

`<word>` must be there and `[word]` may be. `in <word>` is known by the word before it. `<KEY=value…>` takes every
KEY=value and KEY-. `"reason"` is one quoted text, or the rest of the line as it was typed. `<order…>` is the rest of
the line whatever it holds. A `<time>` or `<moment>` after a word is as many words as
say one: `2h`, `2 hours`, `tomorrow 9:00`.

A value goes by its placeholder's name; where the same placeholder stands twice, by the word before it (promote has a
`from` and a `to`, both environments). A flag's value goes by the flag's name.
"""

import re
from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

ENVIRONMENT = "environment"
REVISION = "revision"
VERSION = "version"
PLACES = ("to", "in", "on", "at")
TIMES = ("time", "moment")
_PIECE = re.compile(
    r"""\s*(?:
      \[--(?P<flag>[a-z][a-z-]*)(?:[ ](?P<takes>\w+))?\]
    | (?P<open>\[)? (?:(?P<before>[a-z]+)[ ])? (?:<(?P<name>[^<>…]+)(?P<many>…)?>|"(?P<text>\w+)") (?P<close>\])?
    | \[(?P<bare>[a-z]+)\]
    )""",
    re.VERBOSE,
)
_NAME = re.compile(r"[a-z][a-z-]*")
SAMPLES = {
    "service": "adderservice",
    "version": "3f2a91c",
    "tag": "3f2a91c",
    "environment": "staging",
    "from": "staging",
    "to": "production",
    "replicas": "3",
    "revision": "41",
    "KEY=value": "LOG_LEVEL=debug",
    "reason": '"migration running"',
    "order": "deploy adderservice 3f2a91c",
    "time": "2h",
    "moment": "tomorrow 9:00",
    "who": "dev1",
}


class Takes(StrEnum):
    """How much of the line a slot takes."""

    WORD = "word"
    TIME = "time"
    PAIRS = "pairs"
    TEXT = "text"
    LINE = "line"


class Slot(Struct, frozen=True):
    """One place for a value. `before` is the word that announces it, if one does."""

    key: str
    placeholder: str
    takes: Takes = Takes.WORD
    before: str | None = None
    required: bool = True

    @property
    def noun(self) -> str:
        return f"{self.placeholder} after {self.before}" if self.key == self.before else self.placeholder


class Flag(Struct, frozen=True):
    """`takes` is the placeholder of its value; None for a flag that is only there or not."""

    name: str
    takes: str | None = None


class Shape(Struct, frozen=True):
    """One order's grammar. `words` go by their position, `named` by the word before them."""

    name: str
    usage: str
    example: str
    words: tuple[Slot, ...] = ()
    named: tuple[Slot, ...] = ()
    flags: tuple[Flag, ...] = ()

    @classmethod
    def read(cls, usage: str, example: str = "") -> "Shape":
        """ValueError for a usage line that is not one: a mistake of whoever wrote the command."""
        name = _NAME.match(usage)
        if name is None:
            raise ValueError(f"a usage line begins with the order's name: {usage!r}")
        slots, flags = _pieces(usage, name.end())
        words = tuple(slot for slot in slots if slot.before is None)
        _check(usage, words)
        return cls(
            name=name[0],
            usage=usage,
            example=example or " ".join([name[0], *_samples(slots)]),
            words=words,
            named=tuple(slot for slot in slots if slot.before is not None),
            flags=tuple(flags),
        )

    def named_by(self, word: str) -> Slot | None:
        """The slot that this word announces. `to in on at` an environment are one word where no other slot has it."""
        own = next((slot for slot in self.named if slot.before == word), None)
        if own is not None or word not in PLACES:
            return own
        return next((s for s in self.named if s.placeholder == ENVIRONMENT and s.before in PLACES), None)

    def flag(self, name: str) -> Flag | None:
        return next((flag for flag in self.flags if flag.name == name), None)


def _pieces(usage: str, position: int) -> tuple[list[Slot], list[Flag]]:
    slots: list[Slot] = []
    flags: list[Flag] = []
    while usage[position:].strip():
        found = _PIECE.match(usage, position)
        if found is None or bool(found["open"]) != bool(found["close"]):
            raise ValueError(f"no usage line holds {usage[position:]!r} in {usage!r}")
        if found["flag"]:
            flags.append(Flag(name=found["flag"], takes=found["takes"]))
        else:
            slots.append(_slot(found))
        position = found.end()
    return _keyed(slots), flags


def _slot(found: re.Match[str]) -> Slot:
    name = found["name"] or found["text"] or found["bare"]
    takes = Takes.TEXT if found["text"] else Takes.TIME if name in TIMES and found["before"] else Takes.WORD
    if found["many"]:
        takes = Takes.PAIRS if "=" in name else Takes.LINE
    required = not found["open"] and not found["bare"]
    return Slot(key=name, placeholder=name, takes=takes, before=found["before"], required=required)


def _keyed(slots: list[Slot]) -> list[Slot]:
    often = Counter(slot.placeholder for slot in slots)
    return [replace(s, key=s.before) if s.before and often[s.placeholder] > 1 else s for s in slots]


def _check(usage: str, words: tuple[Slot, ...]) -> None:
    required = [slot.required for slot in words]
    if required != sorted(required, reverse=True):
        raise ValueError(f"what must be there comes before what may be: {usage!r}")
    if any(slot.takes is not Takes.WORD for slot in words[:-1]):
        raise ValueError(f"only the last word can take several: {usage!r}")


def _samples(slots: Iterable[Slot]) -> list[str]:
    """A line worth copying: everything required, and the environment, which people forget."""
    parts: list[str] = []
    for slot in slots:
        if slot.required or slot.placeholder == ENVIRONMENT:
            parts += [slot.before] if slot.before else []
            parts.append(SAMPLES.get(slot.key) or SAMPLES.get(slot.placeholder, slot.placeholder))
    return parts
