"""Text → an order's words. Whatever is typed, this raises nothing but UsageError."""

from collections.abc import Mapping, Sequence

from bot.core.catalogue import nearest
from bot.core.errors import UsageError
from bot.core.model import Words
from bot.core.parse.complete import complete
from bot.core.parse.reading import Reading, shown
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
    return token.text.lower().rstrip(".,:;!") or token.text


def _unknown(line: Line, shapes: Mapping[str, Shape]) -> UsageError:
    typed = line.tokens[0]
    sentence = f"There is no order {shown(_name(typed))}."
    close = nearest(_name(typed), shapes)
    if not close:
        return UsageError(sentence, hint="help")
    rest = line.text[line.tokens[1].start :] if len(line.tokens) > 1 and "=" not in line.text else ""
    return UsageError(sentence, fact=f"Did you mean {' or '.join(close)}?", hint=f"{close[0]} {rest}".strip())
