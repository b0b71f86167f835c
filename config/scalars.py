"""What a kind of value is made of: the words for what it should be, and how it is read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import GetCoreSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from bot.core.catalogue import ANY
from bot.core.nearest import nearest
from config import grammar
from config.mistakes import clean

MOST_NAMES = 12
MOST_COMPARED = 500


@dataclass(frozen=True, slots=True)
class Context:
    """What a value may refer to: the folder of the file, and the names that its sections define."""

    folder: Path = Path()
    known: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Wrong(ValueError):
    """It is not what it should be. Its text, if any, says what that is better than the kind's own words."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """One kind of value. `parse` returns the value, or raises Wrong."""

    words: str
    parse: Callable[[Any, Context], object]
    secret: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        masked = core_schema.to_string_ser_schema(when_used="json") if self.secret else None
        return core_schema.with_info_plain_validator_function(self._read, serialization=masked)

    def _read(self, value: object, info: ValidationInfo) -> object:
        context = info.context if isinstance(info.context, Context) else Context()
        try:
            return self.parse(value, context)
        except Wrong as wrong:
            words = str(wrong) or self.words
        raise PydanticCustomError("expected", "{words}", {"words": words})


def text(value: object) -> str:
    if isinstance(value, (bool, int, float)):
        raise Wrong("text; put it in quotes")
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise Wrong
    return value


def kind(words: str, read: Callable[[str], object | None]) -> Scalar:
    """Text that `read` understands; it returns None for what it does not."""

    def parse(value: object, _: Context) -> object:
        found = read(text(value))
        if found is None:
            raise Wrong
        return found

    return Scalar(words, parse)


def where(words: str, holds: Callable[[str], object]) -> Scalar:
    return kind(words, lambda value: value if holds(value) else None)


def choice(options: type[StrEnum]) -> Scalar:
    by_text = {option.value: option for option in options}
    return kind(f"one of {', '.join(by_text)}", by_text.get)


def whole(low: int, high: int) -> Scalar:
    """Also from text, because what is put in for a `${…}` is text."""

    def parse(value: object, _: Context) -> int:
        digits = isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10
        number = int(value) if digits and isinstance(value, str) else value
        if not isinstance(number, int) or isinstance(number, bool) or not low <= number <= high:
            raise Wrong
        return number

    return Scalar(f"a whole number from {low} to {high}", parse)


def span(low: timedelta, high: timedelta, example: str) -> Scalar:
    words = f"a duration from {grammar.spell_duration(low)} to {grammar.spell_duration(high)}, such as {example}"

    def read(value: str) -> timedelta | None:
        found = grammar.duration(value)
        return found if found is not None and low <= found <= high else None

    return kind(words, read)


def known(section: str, one: str, *, everything: bool = False) -> Scalar:
    """The name of something that the section of this file defines."""
    words = f"the name of {one}" + (f', or "{ANY}" for all' if everything else "")

    def parse(value: object, context: Context) -> str:
        name = text(value)
        names = context.known.get(section)
        if names is None or name in names or (everything and name == ANY):
            return name
        raise unknown(words, name, names)

    return Scalar(words, parse)


def unknown(words: str, name: str, names: tuple[str, ...]) -> Wrong:
    close = nearest(name[:64], names[:MOST_COMPARED])
    return Wrong(f"{words}; {f'did you mean {clean(close[0])}?' if close else _listed(names)}")


def _listed(names: tuple[str, ...]) -> str:
    if not names:
        return "none is defined"
    more = ", …" if len(names) > MOST_NAMES else ""
    return "defined are " + ", ".join(clean(name) for name in names[:MOST_NAMES]) + more
