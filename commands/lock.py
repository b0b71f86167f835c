"""lock: nobody changes a service, an environment or anything until it is unlocked. kubectl users see it."""

from datetime import timedelta

from msgspec.structs import replace

from bot.core.errors import Locked, UsageError
from bot.core.model import ALL, Change, Lock, Order, Reply, Tone
from bot.core.render import lines, order_line
from bot.core.words import duration, span
from bot.plans.locking import annotate, environment_meant, meant
from bot.ports import Command, Ports

LONGEST = timedelta(days=90)


def plan(ports: Ports, order: Order) -> Change:
    service, environment = meant(ports, order)
    order = replace(order, service=service, environment=environment)
    lock, length = _lock(ports, order), _length(order)
    if service != ALL and environment != ALL:
        ports.workloads(service, ports.catalogue.environment(environment))
    title = f"{lock.what} locked{f' for {span(length)}' if length else ''}"
    return Change(order, (), ports.clock.now(), title, "", lock.reason)


def apply(ports: Ports, change: Change) -> Reply:
    lock = _lock(ports, change.order)
    standing = ports.store.take_lock(lock)
    if standing:
        raise Locked(
            f'{lock.what} is locked already, by {standing.owner.mention}: "{standing.reason}".',
            hint=f"unlock {lock.words}",
        )
    note = annotate(ports, lock.service, lock.environment)
    ends = f"{lock.until.astimezone(ports.catalogue.zone):%a %H:%M %Z}" if lock.until else "someone unlocks it"
    return Reply(
        title=change.title,
        tone=Tone.WARNING,
        body=lines(f'"{lock.reason}"', f"Until {ends}.", note, order_line(f"unlock {lock.words}")),
    )


def _lock(ports: Ports, order: Order) -> Lock:
    now, length, request = ports.clock.now(), _length(order), order.request
    return Lock(
        service=order.service or "",
        environment=order.environment or "",
        owner=request.who,
        reason=order.words["reason"],
        at=now,
        until=now + length if length else None,
        place=replace(request.place, message=None),
    )


def _length(order: Order) -> timedelta | None:
    text = order.words.get("time")
    try:
        length = duration(text) if text else None
    except ValueError:
        length = timedelta(0)
    if length is not None and not timedelta(0) < length <= LONGEST:
        raise UsageError(
            f"{text} is not a time to lock for.",
            fact="From 1s to 90d, such as 30m, 2h or 1d.",
            hint=COMMAND.examples[1],
        )
    return length


COMMAND = Command(
    usage='lock <service> [in <environment>] [for <time>] "reason"',
    summary="let nobody change a service, an environment or all until it is unlocked",
    verb="lock",
    examples=(
        'lock adderservice in production "migration running"',
        "lock webapp in staging for 2h load test",
        'lock production "incident 4711"',
        'lock all for 30m "cluster upgrade"',
    ),
    refusals=("it is locked already", "your role does not grant lock"),
    plan=plan,
    apply=apply,
    shown_by="locks",
    opening=lambda order: f"{order.words['service']} lock",
    environment=environment_meant,
    day=50,
)
