"""may: would this order be allowed, by which rule, and who else can."""

from collections.abc import Sequence

from msgspec.structs import replace

from bot.core.asking import WAITING
from bot.core.catalogue import Catalogue
from bot.core.errors import UsageError
from bot.core.model import INNER, Change, Decision, Order, Outcome, Reply, Tone
from bot.core.policy import FREEZE, LOCK, Planned, decide
from bot.core.render import hint_line, lines, order_line
from bot.core.rights import Asked, who_may
from bot.core.words import span
from bot.plans.changes import asked, understand
from bot.ports import Command, Ports

MOST = 10
PASSES = {
    LOCK: (LOCK, "People who can unlock it"),
    FREEZE: ("override", "People who can override it"),
}
WAITS = {Outcome.CONFIRM: "you confirm it", Outcome.APPROVE: "others approve it"}
APPROVE = "approve"
CONFIRMED = Planned(confirmed=True)


def plan(ports: Ports, order: Order) -> Reply:
    text = order.words["order"]
    command, inner = understand(ports, order.request, text)
    if INNER in inner.words.values and command.name != "help":
        raise UsageError(f"may asks about one order, and {command.name} holds another.", hint=COMMAND.examples[0])
    asking = asked(_about(ports, command, inner))
    decision = decide(asking, ports.catalogue, ports.facts(asking.verb), Planned())
    if decision.allowed or decision.outcome.value in WAITING:
        confirmed = decide(asking, ports.catalogue, ports.facts(asking.verb), CONFIRMED)
        return _yes(asking, [decision, confirmed], text, _after(asking, ports.catalogue))
    said, _, fact = decision.reason.partition("\n")
    return Reply(
        title=f"No: {asking.what} is refused.",
        tone=Tone.WARNING,
        body=lines(
            said, fact, f"By: {decision.rule}.", _others(asking, decision, ports.catalogue), hint_line(decision.hint)
        ),
        private=True,
    )


def _about(ports: Ports, command: Command, inner: Order) -> Order:
    """What an approval is about only what waits under its number can tell."""
    planned = command.plan(ports, inner) if inner.verb == APPROVE else None
    return planned.order if isinstance(planned, Change) else inner


def _yes(asking: Asked, decisions: Sequence[Decision], text: str, after: str) -> Reply:
    """The second decision is what comes once the first has been confirmed."""
    waits = [word for outcome, word in WAITS.items() if any(d.outcome is outcome for d in decisions)]
    once = f", once {' and '.join(waits)}" if waits else ""
    rules = "; then ".join(dict.fromkeys(decision.rule for decision in decisions if waits or decision is decisions[0]))
    return Reply(
        title=f"Yes: {asking.what} is allowed{once}.",
        tone=Tone.GOOD,
        body=lines(f"By: {rules}.", after, order_line(text)),
        private=True,
    )


def _others(asking: Asked, decision: Decision, catalogue: Catalogue) -> str:
    """Whoever has the right is stopped by a lock all the same: then it is about those who can take that away."""
    verb, said = PASSES.get(decision.rule.partition(":")[0], (asking.verb, "People who can"))
    found = who_may(replace(asking, verb=verb), catalogue)[:MOST]
    return f"{said}: {', '.join(found)}." if found else f"{said}: the console; no role grants {verb} there to anybody."


def _after(asking: Asked, catalogue: Catalogue) -> str:
    """The promotion order looks at the image, and here none was looked up."""
    environment = catalogue.environments.get(asking.environment or "")
    if environment is None or not environment.after or asking.verb not in ("deploy", "promote") or asking.override:
        return ""
    soak = f" for {span(environment.soak)}" if environment.soak else ""
    return f"Not looked at: {environment.name} takes only what has run healthy in {environment.after}{soak}."


COMMAND = Command(
    usage="may <order…>",
    summary="would an order be allowed, by which rule, and who else can",
    verb="read",
    examples=("may deploy adderservice 3f2a91c to production", "may scale webapp 3 in staging"),
    plan=plan,
    day=62,
)
