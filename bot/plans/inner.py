"""An order inside another one: what `at`, `every`, `may` and `remind` hold."""

from collections.abc import Iterator
from contextlib import contextmanager

from msgspec.structs import replace

from bot.core.errors import QuarterdeckError, UsageError
from bot.core.model import Order, Request, Words
from bot.core.parse import parse
from bot.plans.changes import environment_asked
from bot.ports import Command, Ports


def understand(ports: Ports, request: Request, text: str) -> tuple[Command, Order]:
    """An order inside another one, read as if it had been given by itself."""
    alone = replace(request, text=text)
    words = _inner(request, text, ports)
    command = ports.commands[words.name]
    with inside(request, text):
        name = environment_asked(ports, command, words, alone)
    return command, Order(alone, command.verb, words, words.get("service"), name)


@contextmanager
def inside(request: Request, text: str) -> Iterator[None]:
    """What is put right in the order inside stays inside: pasted by itself it would be done at once."""
    ahead, found, _ = request.text.partition(text)
    verb = text.partition(" ")[0].lower()

    def whole(order: str) -> str:
        return f"{ahead.lstrip()}{order}" if found and order.partition(" ")[0] == verb else order

    try:
        yield
    except QuarterdeckError as error:
        error.hint = whole(error.hint)
        error.orders = tuple((label, whole(order)) for label, order in error.orders)
        raise


def _inner(request: Request, text: str, ports: Ports) -> Words:
    """A hint that is a sentence is left as it is."""
    try:
        return parse(text, {name: command.shape for name, command in ports.commands.items()})
    except UsageError as error:
        before, found, _ = request.text.partition(text)
        hint = f"{before.lstrip()}{error.hint}" if found else ""
        whole = error.hint == UsageError.default_hint or error.hint.endswith((".", "?"))
        raise UsageError(error.sentence, fact=error.fact, hint=error.hint if whole else hint) from None
