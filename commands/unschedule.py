"""unschedule: an order for later is not carried out."""

from bot.core.errors import NotFound, UsageError
from bot.core.model import Change, Order, Reply, Tone
from bot.core.policy import refusal
from bot.core.rights import Asked, right
from bot.core.schedules import Schedule, rule
from bot.ports import Command, Ports


def plan(ports: Ports, order: Order) -> Change:
    found = _standing(ports, order)
    request = order.request
    asked = Asked(request.who, request.place, "schedule", service=found.service, environment=found.environment)
    decision = right(asked, ports.catalogue)
    if not decision.allowed:
        raise refusal(decision)
    return Change(
        order=order,
        steps=(),
        at=ports.clock.now(),
        title=f"{found.text} · no longer scheduled",
        before=f"{rule(found.timing)}, by {found.who.mention}",
        after="",
    )


def apply(ports: Ports, change: Change) -> Reply:
    ports.store.remove_schedule(int(change.order.words["number"]))
    return Reply(title=change.title, tone=Tone.GOOD, body=f"It was: {change.before}.")


def _standing(ports: Ports, order: Order) -> Schedule:
    typed = order.words["number"].lstrip("#")
    if not typed.isdecimal():
        raise UsageError(f"{typed[:40]} is not a number of a schedule.", hint="schedules")
    found = next((s for s in ports.store.schedules() if s.number == int(typed)), None)
    if found is None:
        raise NotFound(f"There is no schedule {int(typed)}.", hint="schedules")
    return found


COMMAND = Command(
    usage="unschedule <number>",
    summary="take an order for later back",
    verb="schedule",
    examples=("unschedule 3", "unschedule 12"),
    refusals=("there is no such schedule", "your role does not grant schedule there"),
    plan=plan,
    apply=apply,
    shown_by="schedules",
    opening=lambda order: f"schedule {order.words['number'][:12]}",
    day=59,
)
