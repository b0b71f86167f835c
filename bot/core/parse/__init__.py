"""Text → an order's words. Whatever is typed, this raises nothing but UsageError."""

from collections.abc import Mapping, Sequence

from bot.core.catalogue import nearest
from bot.core.errors import UsageError
from bot.core.model import Words
from bot.core.parse.complete import complete
from bot.core.parse.reading import Reading, polite, shown
from bot.core.parse.split import Line, Token, split
from bot.core.shape import Shape

__all__ = ["Line", "Token", "complete", "parse", "split"]

_NO_ALIASES: Mapping[str, str] = {}


def parse(
    text: str,
    shapes: Mapping[str, Shape],
    aliases: Mapping[str, str] = _NO_ALIASES,
    names: Sequence[str] = (),
) -> Words:
    """`aliases` maps other names of orders to their own; `names` are what the bot is called."""
    line = split(text, names)
    if len(line.tokens) > 1 and polite(line.tokens[0]):
        line = split(line.text[line.tokens[1].start :])
    if not line.tokens:
        raise UsageError("There is no order in that.", hint="help")
    name = _name(line.tokens[0])
    shape = shapes.get(aliases.get(name, name))
    if shape is None:
        raise _unknown(line, shapes)
    reading = Reading(shape, line)
    for token in line.tokens[1:]:
        reading.feed(token)
    return reading.finish()


def _name(token: Token) -> str:
    """Phones write capitals, and people end words with a full stop."""
    return token.text.lower().rstrip(".,:;!?") or token.text


def _unknown(line: Line, shapes: Mapping[str, Shape]) -> UsageError:
    typed = line.tokens[0]
    sentence = f"There is no order {shown(_name(typed))}."
    close = [joined] if (joined := _joined(line)) in shapes else nearest(_name(typed), shapes)
    if not close:
        return UsageError(sentence, hint="help")
    return UsageError(sentence, fact=f"Did you mean {' or '.join(close)}?", hint=_meant(line, shapes[close[0]]))


def _meant(line: Line, shape: Shape) -> str:
    """The same order with its name put right, where that is one; no example, which may be tired hands' undoing."""
    behind = line.tokens[2 if _joined(line) == shape.name else 1 :]
    rest = line.text[behind[0].start :] if behind and "=" not in line.text else ""
    again = f"{shape.name} {rest}".strip()
    try:
        parse(again, {shape.name: shape})
    except UsageError:
        return f"help {shape.name}"
    return again


def _joined(line: Line) -> str:
    """`roll back` is one word here."""
    return "".join(map(_name, line.tokens[:2]))
