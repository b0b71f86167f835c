"""remind: be told when what stands in the way of an order is unlocked. The order itself is not carried out."""

from datetime import timedelta

from msgspec.structs import replace

from bot.core.errors import NotFound, QuarterdeckError, Refused, UsageError
from bot.core.locks import Lock
from bot.core.model import INNER, Change, Order, Reply, Tone
from bot.core.policy import UNASKED, blocking_lock, refusal
from bot.core.reminders import Reminder
from bot.core.render import lines
from bot.core.rights import right
from bot.core.words import clock, span
from bot.plans.changes import asked
from bot.plans.inner import inside, understand
from bot.ports import Command, Ports

LASTS = timedelta(days=1)
MOST = 20


def plan(ports: Ports, order: Order) -> Change:
    """Rights first, as for the order itself: a stranger is not told what is locked."""
    command, inner = _meant(ports, order)
    allowed = right(asked(inner), ports.catalogue)
    if not allowed.allowed:
        raise refusal(allowed)
    if order.request.who.robot:
        raise Refused("A bot is told of nothing later.", fact="It sees no message that is meant for it.", hint="locks")
    reminder = _reminder(ports, order, inner)
    lock = _lock(ports, inner, reminder.what)
    _refuse_misspelt(ports, order, command, inner)
    if _full(ports, reminder):
        raise Refused(f"You wait for {MOST} things already.", fact=f"Each for {span(LASTS)} at most.", hint="locks")
    there = replace(order, service=inner.service, environment=inner.environment)
    title = f"You are told when {reminder.what} is free"
    note = f'{lock.what} is locked by {lock.owner.mention}: "{lock.reason}".'
    return Change(there, (), ports.clock.now(), title, "", inner.request.text, notes=(note,))


def apply(ports: Ports, change: Change) -> Reply:
    reminder = _reminder(ports, change.order, _meant(ports, change.order)[1])
    ports.store.remind(reminder)
    zone = ports.catalogue.zone
    until = f"{clock(reminder.until, reminder.at, zone)} {reminder.until.astimezone(zone):%Z}"
    body = lines(
        *change.notes, f"You are offered it then, until {until} at the latest: it is not carried out by itself."
    )
    return Reply(title=change.title, tone=Tone.GOOD, body=body, private=True)


def _meant(ports: Ports, order: Order) -> tuple[Command, Order]:
    text = order.words[INNER].strip().rstrip(" .")
    command, inner = understand(ports, order.request, text)
    changes = command.changes_the_world and inner.verb not in UNASKED and inner.service is not None
    if INNER in inner.words.values or not changes:
        raise UsageError(f"remind is for an order that changes a service, not {text[:40]}.", hint=COMMAND.examples[0])
    if inner.masked() is not inner:
        raise Refused(
            "An order with a value in it is not kept for later.",
            fact="Whoever reads the store would find what stands behind the =.",
            hint="locks",
        )
    return command, inner


def _lock(ports: Ports, inner: Order, what: str) -> Lock:
    now, locks, again = ports.clock.now(), ports.store.locks(), inner.request.text
    lock = blocking_lock(asked(inner), locks, now)
    if lock:
        return lock
    if any(each.covers(inner.service or "", inner.environment, now) for each in locks):
        raise Refused(f"{what} is locked, and {inner.verb} passes that.", hint=again)
    raise Refused(f"{what} is not locked.", hint=again)


def _refuse_misspelt(ports: Ports, order: Order, command: Command, inner: Order) -> None:
    """At once, and not when it is free; what only does not fit now may fit by then."""
    try:
        with inside(order.request, inner.request.text):
            command.plan(ports, inner)
    except (NotFound, UsageError):
        raise
    except QuarterdeckError:
        return


def _reminder(ports: Ports, order: Order, inner: Order) -> Reminder:
    request, now = order.request, ports.clock.now()
    place = replace(request.place, message=None)
    service, environment = inner.service or "", inner.environment or ""
    text = inner.request.text
    return Reminder(request.who, place, text, inner.verb, service, environment, request.id, now, now + LASTS)


def _full(ports: Ports, reminder: Reminder) -> bool:
    """Another one for the same takes the place of the first."""
    mine = [each for each in ports.store.reminders() if each.who.person == reminder.who.person]
    return len(mine) >= MOST and reminder.what not in {each.what for each in mine}


COMMAND = Command(
    usage="remind <order…>",
    summary="be told when a service is unlocked, with the order that was refused",
    verb="read",
    examples=("remind deploy adderservice 3f2a91c to production", "remind scale webapp 3 in staging"),
    refusals=("it is not locked", "you may not order it at all", "it holds a value"),
    plan=plan,
    apply=apply,
    shown_by="locks",
    day=57,
)
