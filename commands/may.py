"""may: would this order be allowed, by which rule, and who else can."""

from collections.abc import Sequence

from msgspec.structs import replace

from bot.core.catalogue import Catalogue
from bot.core.decision import Decision, Outcome
from bot.core.errors import QuarterdeckError, UsageError
from bot.core.model import INNER, Button, Change, Order, Reply, Tone
from bot.core.policy import FREEZE, LOCK, ORDER, Planned, decide
from bot.core.render import hint_line, lines, order_line
from bot.core.rights import Asked, is_person, who_may
from bot.plans.changes import asked
from bot.plans.inner import understand
from bot.plans.proof import proven
from bot.plans.waiting import stopped, unlocking
from bot.ports import Command, Ports

MOST = 10
PASSES = {
    LOCK: (LOCK, "People who can unlock it"),
    FREEZE: ("override", "People who can override it"),
    ORDER: ("override", "People who can override it"),
}
WAITS = {Outcome.CONFIRM: "you confirm it", Outcome.APPROVE: "others approve it"}
APPROVE = "approve"
BRINGING = ("deploy", "promote")


def plan(ports: Ports, order: Order) -> Reply:
    text = order.words["order"]
    command, inner = understand(ports, order.request, text)
    if INNER in inner.words.values and command.name != "help":
        raise UsageError(f"may asks about one order, and {command.name} holds another.", hint=COMMAND.examples[0])
    meant = _about(ports, command, inner)
    asking, facts = asked(meant), ports.facts(inner.verb)
    decision, planned, unknown = decide(asking, ports.catalogue, facts, Planned()), Planned(), ""
    if decision.outcome is not Outcome.REFUSED and _has_to_run_before(asking, ports.catalogue):
        planned, unknown = _planned(ports, command, inner)
        decision = decide(asking, ports.catalogue, facts, planned)
    if decision.outcome is Outcome.REFUSED:
        return _no(ports, meant, text, decision)
    confirmed = decide(asking, ports.catalogue, facts, replace(planned, confirmed=True))
    return _yes(asking, [decision, confirmed], text, unknown)


def _has_to_run_before(asking: Asked, catalogue: Catalogue) -> bool:
    """Does the promotion order look at the image there? That is looked up then, for those who may bring it."""
    known = catalogue.environments.get(asking.environment or "")
    return known is not None and known.after is not None and asking.verb in BRINGING and not asking.override


def _planned(ports: Ports, command: Command, inner: Order) -> tuple[Planned, str]:
    """What the policy has to know of it; else why that is not known."""
    try:
        found = command.plan(ports, inner)
        return (proven(ports, found.order, found.image, Planned()) if isinstance(found, Change) else Planned()), ""
    except QuarterdeckError as error:
        return Planned(), f"Now it would be refused: {error.sentence}"


def _no(ports: Ports, meant: Order, text: str, decision: Decision) -> Reply:
    asking = asked(meant)
    said, _, fact = decision.reason.partition("\n")
    error = stopped(ports, meant, text, decision)
    ending = unlocking(ports, meant, decision.hint) if decision.rule == LOCK else asking
    others = _others(ending, decision, ports.catalogue)
    return Reply(
        title=f"No: {asking.what} is refused.",
        tone=Tone.WARNING,
        body=lines(said, fact, f"By: {decision.rule}.", others, hint_line(error.hint)),
        buttons=tuple(Button(label, order) for label, order in error.orders),
        private=True,
    )


def _about(ports: Ports, command: Command, inner: Order) -> Order:
    """What an approval is about only what waits under its number can tell."""
    planned = command.plan(ports, inner) if inner.verb == APPROVE else None
    return planned.order if isinstance(planned, Change) else inner


def _yes(asking: Asked, decisions: Sequence[Decision], text: str, unknown: str) -> Reply:
    """The second decision is what comes once the first has been confirmed."""
    waits = [word for outcome, word in WAITS.items() if any(d.outcome is outcome for d in decisions)]
    once = f", once {' and '.join(waits)}" if waits else ""
    rules = "; then ".join(dict.fromkeys(decision.rule for decision in decisions if waits or decision is decisions[0]))
    return Reply(
        title=f"Yes: {asking.what} is allowed{once}.",
        tone=Tone.GOOD,
        body=lines(f"By: {rules}.", unknown, order_line(text)),
        private=True,
    )


def _others(asking: Asked, decision: Decision, catalogue: Catalogue) -> str:
    """Whoever has the right is stopped by a lock all the same: then it is about those who can take that away.

    Nobody who is refused is one of those who can.
    """
    verb, said = PASSES.get(decision.rule.partition(":")[0], (asking.verb, "People who can"))
    can = who_may(replace(asking, verb=verb), catalogue)
    found = [holder for holder in can if verb != asking.verb or not is_person(asking.who, holder)][:MOST]
    return f"{said}: {', '.join(found)}." if found else f"{said}: the console; no role grants {verb} there to anybody."


COMMAND = Command(
    usage="may <order…>",
    summary="would an order be allowed, by which rule, and who else can",
    verb="read",
    examples=("may deploy adderservice 3f2a91c to production", "may scale webapp 3 in staging"),
    plan=plan,
    day=62,
)
