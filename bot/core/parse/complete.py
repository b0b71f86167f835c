"""What may stand where the cursor is: for people at a terminal."""

from collections.abc import Callable, Iterable, Mapping

from bot.core.errors import UsageError
from bot.core.model import Words
from bot.core.parse.reading import Reading
from bot.core.parse.split import Line, Token, split
from bot.core.shape import Flag, Shape, Slot, Takes

Values = Callable[[str, Words], list[str]]
ORDER = "order"


def complete(text: str, shapes: Mapping[str, Shape], values: Values) -> list[str]:
    """The words that may replace the one being typed, likeliest first.

    `values` knows what stands for a placeholder, given what was said so far.
    """
    try:
        line = split(text)
    except UsageError:
        return []
    typing = "" if not line.tokens or text[-1:].isspace() else line.tokens[-1].text
    said = line.tokens[:-1] if typing else line.tokens
    if not said:
        return _beginning(typing, shapes)
    shape = shapes.get(said[0].text.lower())
    return _beginning(typing, _candidates(shape, line, said[1:], shapes, values, text)) if shape else []


def _candidates(
    shape: Shape, line: Line, said: tuple[Token, ...], shapes: Mapping[str, Shape], values: Values, text: str
) -> list[str]:
    if shape.words and shape.words[0].takes is Takes.LINE:
        return complete(text.lstrip(" /").partition(" ")[2], shapes, values)
    reading = Reading(shape, line)
    try:
        for token in said:
            reading.feed(token)
    except UsageError:
        return []
    return _next(reading, shapes, values)


def _next(reading: Reading, shapes: Mapping[str, Shape], values: Values) -> list[str]:
    if reading.waiting is not None:
        return _values_of(reading.waiting, reading, shapes, values)
    slot = reading.next_word
    here = _values_of(slot, reading, shapes, values) if slot else []
    if reading.ended or (slot and slot.required and not reading.words.rest and slot.takes is not Takes.TEXT):
        return here
    said_before = [named.before for named in reading.unsaid if named.before]
    return [*here, *said_before, *(f"--{flag.name}" for flag in reading.unset)]


def _values_of(thing: Slot | Flag, reading: Reading, shapes: Mapping[str, Shape], values: Values) -> list[str]:
    placeholder = thing.placeholder if isinstance(thing, Slot) else thing.takes or ""
    return list(shapes) if placeholder == ORDER else values(placeholder, reading.words)


def _beginning(typing: str, candidates: Iterable[str]) -> list[str]:
    return [c for c in dict.fromkeys(candidates) if c.lower().startswith(typing.lower())]
