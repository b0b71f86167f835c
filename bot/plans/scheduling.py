"""What `at` and `every` share: an order for later is read, and its rights are looked at, when it is given."""

from collections.abc import Callable
from datetime import datetime

from msgspec.structs import replace

from bot.core.decision import Outcome
from bot.core.errors import NotFound, QuarterdeckError, Refused, UsageError
from bot.core.model import Change, Order, Reply
from bot.core.policy import Planned, decide, refusal
from bot.core.rights import right
from bot.core.schedules import Schedule, given, spoken
from bot.core.when import Timing, following
from bot.plans.changes import asked
from bot.plans.inner import inside, understand
from bot.plans.proof import proven
from bot.ports import Command, Ports

VERB = "schedule"
MOST = 200

Read = Callable[[Ports, str, datetime], tuple[Timing, str]]


def opening(order: Order) -> str:
    return order.masked().request.text


def plan(ports: Ports, order: Order, read: Read) -> Change:
    now = ports.clock.now()
    timing, text = read(ports, _line(order), now)
    due = following(timing, now)
    if due is None:
        raise UsageError(f"There is no such moment ahead of {now:%H:%M} UTC.")
    _refuse_values(order)
    command, inner = understand(ports, order.request, text)
    if command.verb == VERB:
        raise UsageError("Only an order that does something itself can be scheduled.", hint=f"at 09:00 {text}")
    _require(ports, inner)
    if len(ports.store.schedules()) >= MOST:
        raise Refused(f"{MOST} orders are scheduled already.", hint="schedules")
    return Change(
        order=order,
        steps=(),
        at=now,
        title=f"{text} · scheduled for {spoken(due, timing, now)}",
        before="",
        after=text,
        notes=tuple(filter(None, [_as_of_now(ports, order, command, inner)])),
    )


def apply(ports: Ports, change: Change, read: Read) -> Reply:
    """Read again from the same words at the same moment, so that it is what was shown."""
    request = change.order.request
    timing, text = read(ports, _line(change.order), change.at)
    _, inner = understand(ports, request, text)
    schedule = Schedule(
        who=request.who,
        place=replace(request.place, message=None),
        text=text,
        timing=timing,
        due=following(timing, change.at) or change.at,
        given=request.id,
        at=change.at,
        service=inner.service,
        environment=inner.environment,
    )
    return given(ports.store.add_schedule(schedule), change.at, *change.notes[:1])


def _line(order: Order) -> str:
    return " ".join(order.words.values.values())


def _refuse_values(order: Order) -> None:
    if order.masked() is not order:
        raise Refused(
            "An order with a value in it is not kept for later.",
            fact="Whoever reads the store, or the list of schedules, would find what stands behind the =.",
            hint="schedules",
        )


def _require(ports: Ports, inner: Order) -> None:
    """Both: to schedule there, and to do it there. A lock may be gone by then, a right may not be there now."""
    for each in (inner, replace(inner, verb=VERB)):
        decision = right(asked(each), ports.catalogue)
        if not decision.allowed:
            raise refusal(decision)


def _as_of_now(ports: Ports, order: Order, command: Command, inner: Order) -> str:
    """What is misspelt is refused at once; what only does not fit now may fit by then."""
    try:
        with inside(order.request, inner.request.text):
            found = command.plan(ports, inner)
        if not isinstance(found, Change):
            return ""
        judged = proven(ports, found.order, found.image, Planned())
    except (NotFound, UsageError):
        raise
    except QuarterdeckError as error:
        return f"Now it would be refused: {error.sentence}"
    decision = decide(asked(found.order), ports.catalogue, ports.facts(inner.verb), judged)
    if decision.outcome is Outcome.REFUSED:
        return f"Now it would be refused: {refusal(decision).sentence}"
    waits = "" if decision.allowed else f" Somebody has to agree when it runs ({decision.rule})."
    return f"Now it would do: {found.title}.{waits}"
