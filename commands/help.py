"""help: one screen in the sequence of a day; for one order its shape, examples, and what may refuse it."""

from bot.core.catalogue import Catalogue
from bot.core.errors import NotFound
from bot.core.model import Order, Reply, Table
from bot.core.parse.slips import slips
from bot.core.render import order_line
from bot.ports import Command, Ports

SAMPLES = ("adderservice", "webapp", "eventservice")


def plan(ports: Ports, order: Order) -> Reply:
    name = order.words.get("order")
    if name is None:
        return _all(ports)
    command = ports.commands.get(name.lower().lstrip("/"))
    if command is None:
        close = slips(name.lower(), ports.commands)
        if not close:
            return _all(ports)
        raise NotFound(
            f"There is no order {name[:40]}.", fact=f"Did you mean {' or '.join(close)}?", hint=f"help {close[0]}"
        )
    return _one(command, ports.catalogue)


def _all(ports: Ports) -> Reply:
    rows = tuple((c.name, c.summary) for c in ports.commands.values())
    return Reply(
        title="Orders, in the sequence of a day",
        table=Table(("order", "what it does"), rows),
        body="How one is written, with examples:\n" + order_line("help deploy"),
        private=True,
    )


def _one(command: Command, catalogue: Catalogue) -> Reply:
    refused = f"Refused when: {', '.join(command.refusals)}." if command.refusals else ""
    lines = [
        command.summary[0].upper() + command.summary[1:] + ".",
        *(order_line(_own(e, catalogue)) for e in command.examples),
    ]
    return Reply(title=command.usage, body="\n".join([*lines, *([refused] if refused else [])]), private=True)


def _own(example: str, catalogue: Catalogue) -> str:
    """The same order with this team's own services and environments."""
    services, environments = list(catalogue.services) or ["adderservice"], list(catalogue.environments)
    names = {"staging": environments[0], "production": environments[-1]}
    names |= {sample: services[n % len(services)] for n, sample in enumerate(SAMPLES) if sample not in services}
    return " ".join(names.get(word, word) for word in example.split(" "))


COMMAND = Command(
    usage="help [order]",
    summary="this page, or how one order is written",
    verb="read",
    examples=("help", "help deploy"),
    plan=plan,
    day=63,
)
