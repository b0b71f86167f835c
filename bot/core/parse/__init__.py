"""Text → an order's words. Whatever is typed, this raises nothing but UsageError."""

from collections.abc import Mapping, Sequence

from bot.core.errors import UsageError
from bot.core.model import Words
from bot.core.parse.complete import complete
from bot.core.parse.reading import Reading, polite, shown
from bot.core.parse.slips import doubtful, slips
from bot.core.parse.split import Line, Token, split
from bot.core.render import FIRST_ORDERS, lines, order_line
from bot.core.shape import Shape

__all__ = ["Line", "Token", "complete", "parse", "split"]

TO_START = "An order begins with its name. To start with:"


def parse(
    text: str,
    shapes: Mapping[str, Shape],
    names: Sequence[str] = (),
) -> Words:
    """`names` are what the bot is called."""
    line = split(text, names)
    if len(line.tokens) > 1 and polite(line.tokens[0]):
        line = split(line.text[line.tokens[1].start :])
    if len(line.tokens) == 1 and line.tokens[0].quoted:
        line = split(line.tokens[0].text)
    if not line.tokens or not line.tokens[0].text:
        raise UsageError("There is no order in that.", hint="help")
    shape = shapes.get(_name(line.tokens[0]))
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
    """What may be a slip is put right; anything else was no order, and who wrote it may know none."""
    name = _name(line.tokens[0])
    sentence = f"There is no order {shown(name)}."
    close = [joined] if (joined := _joined(line)) in shapes else slips(name, shapes)
    meant = {order: _meant(line, shapes[order]) for order in close}
    close = [order for order in close if meant[order] or not doubtful(name, order)]
    if not close:
        *first, last = FIRST_ORDERS
        return UsageError(sentence, fact=lines(TO_START, *map(order_line, first)), hint=last)
    best = close[0]
    hint = meant[best] if "=" not in line.text else ""
    return UsageError(sentence, fact=f"Did you mean {' or '.join(close)}?", hint=hint or f"help {best}")


def _meant(line: Line, shape: Shape) -> str:
    """The same order with its name put right, where that is one; no example, which may be tired hands' undoing."""
    behind = line.tokens[2 if _joined(line) == shape.name else 1 :]
    again = f"{shape.name} {line.text[behind[0].start :]}" if behind else shape.name
    try:
        parse(again, {shape.name: shape})
    except UsageError:
        return ""
    return again


def _joined(line: Line) -> str:
    """`roll back` is one word here."""
    return "".join(map(_name, line.tokens[:2]))
