"""help: a small screen of what people want; all orders in a line each; for one its shape, examples and refusals."""

from itertools import groupby

from bot.core.catalogue import Catalogue
from bot.core.errors import NotFound
from bot.core.model import Button, Order, Reply, Table
from bot.core.parse.slips import slips
from bot.core.render import order_line
from bot.ports import Command, Ports

ALL = "all"
WANTS = {
    30: "See what runs",
    40: "Change it",
    50: "Agree to a change, or not",
    56: "Stop changes for a time",
    60: "Do it later",
    70: "Find out more",
}
"""What people want of the orders whose day is before that number: seven lines are read sooner than forty."""
SAMPLES = ("adderservice", "webapp", "eventservice")


def plan(ports: Ports, order: Order) -> Reply:
    name = order.words.get("order")
    if name is None:
        return _wants(ports)
    if name.lower() == ALL:
        return _all(ports)
    command = ports.commands.get(name.lower().lstrip("/"))
    if command is None:
        close = slips(name.lower(), ports.commands)
        if not close:
            return _wants(ports)
        raise NotFound(
            f"There is no order {name[:40]}.", fact=f"Did you mean {' or '.join(close)}?", hint=f"help {close[0]}"
        )
    return _one(command, ports.catalogue)


def _wants(ports: Ports) -> Reply:
    groups = groupby(ports.commands.values(), _want)
    lines = [f"{want}: {', '.join(command.name for command in commands)}" for want, commands in groups]
    asked = [
        "One order with examples, or all of them in a line each:",
        order_line("help deploy"),
        order_line("help all"),
    ]
    return Reply(
        title="Orders, by what you want",
        body="\n".join([*lines, *asked]),
        buttons=(Button("All orders", "help all"),),
        private=True,
    )


def _want(command: Command) -> str:
    return next((want for day, want in WANTS.items() if command.day < day), "More")


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
    summary="this page, all orders in a line each, or how one order is written",
    verb="read",
    examples=("help", "help deploy", "help all"),
    plan=plan,
    day=63,
)
