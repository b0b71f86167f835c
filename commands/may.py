"""may: would this order be allowed, by which rule, and who else can."""

from bot.core.asking import WAITING
from bot.core.errors import UsageError
from bot.core.model import Decision, Order, Reply, Tone
from bot.core.parse import parse
from bot.core.policy import Planned, decide
from bot.core.render import hint_line, lines, order_line
from bot.core.rights import Asked, who_may
from bot.ports import Command, Ports

MOST = 10


def plan(ports: Ports, order: Order) -> Reply:
    text = order.words["order"]
    words = parse(text, {name: command.shape for name, command in ports.commands.items()})
    if words.name == COMMAND.name:
        raise UsageError("may asks about another order.", hint=COMMAND.examples[0])
    asked = _asked(ports, order, ports.commands[words.name], text)
    decision = decide(asked, ports.catalogue, ports.facts(asked.verb), Planned())
    others = who_may(asked, ports.catalogue)[:MOST]
    can = f"People who can: {', '.join(others)}." if others else "The console can; no role grants it to anybody else."
    if decision.allowed or decision.outcome.value in WAITING:
        return _yes(asked, decision, text)
    said, _, fact = decision.reason.partition("\n")
    return Reply(
        title=f"No: {asked.what} is refused.",
        tone=Tone.WARNING,
        body=lines(said, fact, f"By: {decision.rule}.", can, hint_line(decision.hint)),
        private=True,
    )


def _yes(asked: Asked, decision: Decision, text: str) -> Reply:
    return Reply(
        title=f"Yes: {asked.what} is allowed{'' if decision.allowed else ', once people agree'}.",
        tone=Tone.GOOD,
        body=f"By: {decision.rule}.\n{order_line(text)}",
        private=True,
    )


def _asked(ports: Ports, order: Order, command: Command, text: str) -> Asked:
    words = parse(text, {name: c.shape for name, c in ports.commands.items()})
    service, named = words.get("service"), words.get("environment")
    environment = named
    if command.environment:
        found = command.environment(ports.catalogue, words)
        environment = found.name if found else None
    elif named is None and service and command.changes_the_world:
        environment = ports.catalogue.environment_for(
            ports.catalogue.services.get(service), None, f"may {text} in"
        ).name
    elif named:
        environment = ports.catalogue.environment(named).name
    return Asked(
        order.request.who,
        order.request.place,
        command.verb,
        service=service,
        environment=environment,
        override=words.get("override") or "",
    )


COMMAND = Command(
    usage="may <order…>",
    summary="would an order be allowed, by which rule, and who else can",
    verb="read",
    examples=("may deploy adderservice 3f2a91c to production", "may scale webapp 3 in staging"),
    plan=plan,
    day=62,
)
