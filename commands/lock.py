"""lock: nobody changes a service, an environment or anything until it is unlocked. kubectl users see it."""

from datetime import timedelta

from msgspec.structs import replace

from bot.core.errors import Locked, UsageError
from bot.core.locks import Lock
from bot.core.model import ALL, Change, Order, Reply, Tone
from bot.core.render import lines, order_line
from bot.core.words import duration, span
from bot.plans.locking import annotate, ending, environment_meant, meant
from bot.ports import Command, Ports

LONGEST = timedelta(days=90)


def plan(ports: Ports, order: Order) -> Change:
    service, environment = meant(ports, order)
    order = replace(order, service=service, environment=environment)
    lock = _lock(ports, order)
    if service != ALL and environment != ALL:
        ports.workloads(service, ports.catalogue.environment(environment))
    length = order.words.get("time")
    for_long = f" for {span(duration(length))}" if length else f" until {_end(ports, lock)}" if lock.until else ""
    return Change(order, (), ports.clock.now(), f"{lock.what} locked{for_long}", "", lock.reason)


def apply(ports: Ports, change: Change) -> Reply:
    lock = _lock(ports, change.order)
    standing = ports.store.take_lock(lock)
    if standing:
        raise Locked(
            f'{lock.what} is locked already, by {standing.owner.mention}: "{standing.reason}".',
            hint=f"unlock {lock.words}",
        )
    until = "" if change.order.words.get("moment") else f"Until {_end(ports, lock)}."
    note = annotate(ports, lock.service, lock.environment)
    return Reply(
        title=change.title,
        tone=Tone.WARNING,
        body=lines(f'"{lock.reason}"', until, note, order_line(f"unlock {lock.words}")),
    )


def _lock(ports: Ports, order: Order) -> Lock:
    request = order.request
    lock = Lock(
        service=order.service or "",
        environment=order.environment or "",
        owner=request.who,
        reason=order.words["reason"],
        at=ports.clock.now(),
        place=replace(request.place, message=None),
    )
    ends = ending(ports, order, f'lock {lock.words} for 2h "{lock.reason}"')
    if ends and ends - lock.at > LONGEST:
        raise UsageError(
            f"{ends:%Y-%m-%d} is too far away for a lock.",
            fact=f"A lock lasts {LONGEST.days} days at most.",
            hint=f'lock {lock.words} "{lock.reason}"',
        )
    return replace(lock, until=ends)


def _end(ports: Ports, lock: Lock) -> str:
    return f"{lock.until.astimezone(ports.catalogue.zone):%a %Y-%m-%d %H:%M %Z}" if lock.until else "someone unlocks it"


COMMAND = Command(
    usage='lock <service> [in <environment>] [for <time>] [until <moment>] "reason"',
    summary="let nobody change a service, an environment or all until it is unlocked",
    verb="lock",
    examples=(
        'lock adderservice in production "migration running"',
        "lock webapp in staging for 2h load test",
        'lock webapp in staging until tomorrow 9:00 "load test"',
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
