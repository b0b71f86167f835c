"""What is wrong with a file: every mistake at once, with the place, what stands there and what should.

A value is shown as it was written, before anything was put in for a `${…}`, so that what came from the
environment or a file cannot leak through a message.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from bot.core.errors import QuarterdeckError
from bot.core.secret import MASK
from config.tree import Steps

LONGEST = 60
_PLAIN_KEY = re.compile(r"[\w*:-]+")
_LOGIN = re.compile(r"(?<=://)[^/\s]*@")


@dataclass(frozen=True, slots=True)
class Found:
    """A mistake where it was found. With a value the words say what it is not; without one they stand alone."""

    steps: Steps
    expected: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A mistake as a person reads it. `value` is ready to show: quoted, shortened, masked where it is secret."""

    path: str
    expected: str
    value: str = ""
    line: int | None = None

    @property
    def sentence(self) -> str:
        where = f"{self.path}: " if self.path else ""
        fact = f"{self.value} is not {self.expected}" if self.value else self.expected
        line = f" (line {self.line})" if self.line else ""
        return f"{where}{fact}{line}"


class ConfigError(QuarterdeckError):
    """The whole file is refused: a broken configuration never starts half a bot."""

    code: ClassVar[str] = "configuration"
    default_hint: ClassVar[str] = "quarterdeck check --config FILE"

    def __init__(self, name: str, mistakes: Sequence[Mistake]) -> None:
        count = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
        super().__init__(f"{name} has {count}.", fact="\n".join(describe(mistakes)))
        self.mistakes = tuple(mistakes)


def describe(mistakes: Sequence[Mistake]) -> list[str]:
    """One line each, as `quarterdeck check` prints them."""
    return [mistake.sentence for mistake in mistakes]


def spell(steps: Steps) -> str:
    """The way to a place as people write it: `roles.operators.people[1]`, odd keys in quotes."""
    text = ""
    for step in steps:
        text += f"[{step}]" if isinstance(step, int) else f".{_key(step)}"
    return text.removeprefix(".")


def shown(value: object) -> str:
    """A value in one harmless line: nothing invisible, nothing endless, no login inside an address."""
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case int() | float():
            return clean(str(value))
        case str():
            return f'"{clean(_LOGIN.sub(f"{MASK}@", value))}"'
        case dict():
            return "a mapping"
        case _:
            return "a list"


def clean(text: str) -> str:
    short = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in short)


def _key(step: str) -> str:
    return clean(step) if _PLAIN_KEY.fullmatch(step) else f'"{clean(step)}"'
