"""unlock: changes are possible again. Whoever may lock may break somebody else's lock, and is named for it."""

from msgspec.structs import replace

from bot.core.errors import NotFound
from bot.core.locks import Lock
from bot.core.model import ALL, Change, Order, Reply, Tone
from bot.core.render import lines, order_line
from bot.core.words import ago
from bot.plans.changes import may_read
from bot.plans.locking import annotate, environment_meant, meant
from bot.ports import Command, Ports

MOST = 3


def plan(ports: Ports, order: Order) -> Change:
    service, environment = meant(ports, order)
    locks, now = _about(ports, order, service, environment), ports.clock.now()
    standing = next((k for k in locks if (k.service, k.environment) == (service, environment)), None)
    if standing is None:
        wanted = Lock(service, environment, order.request.who, "", now)
        elsewhere = [] if order.words.get("environment") or service == ALL else _about(ports, order, service, ALL)
        held = next(iter(locks or elsewhere), None)
        raise NotFound(
            f"Nobody has locked {wanted.words}.",
            fact=_held(held) if held else "",
            hint=f"unlock {held.words}" if held else "locks",
        )
    note = f'It was locked by {standing.owner.mention} {ago(standing.at, now)}: "{standing.reason}".'
    order = replace(order, service=service, environment=environment)
    return Change(order, (), now, f"{standing.what} unlocked", "locked", "unlocked", notes=(note,))


def apply(ports: Ports, change: Change) -> Reply:
    order = change.order
    service, environment = order.service or "", order.environment or ""
    gone = ports.store.release_lock(service, environment)
    note = annotate(ports, service, environment) if gone else ""
    left = _about(ports, order, service, environment)
    closed = any(lock.covers(service, environment, ports.clock.now()) for lock in left)
    told = [line for lock in left[:MOST] for line in (_held(lock), order_line(f"unlock {lock.words}"))]
    return Reply(
        title=f"{change.title}, but not free yet" if closed else change.title,
        tone=Tone.WARNING if closed else Tone.GOOD,
        body=lines(*change.notes, note, *told),
    )


def _about(ports: Ports, order: Order, service: str, environment: str) -> list[Lock]:
    """What this person may know of what is locked there."""
    now = ports.clock.now()
    there = [lock for lock in ports.store.locks() if lock.stands(now) and lock.touches(service, environment)]
    return [lock for lock in there if may_read(ports, order, lock.service, lock.environment)]


def _held(lock: Lock) -> str:
    return f'{lock.what} is locked by {lock.owner.mention}: "{lock.reason}".'


COMMAND = Command(
    usage="unlock <service> [in <environment>]",
    summary="let what is locked be changed again",
    verb="lock",
    examples=("unlock adderservice in production", "unlock production", "unlock all"),
    refusals=("it is not locked", "your role does not grant lock"),
    plan=plan,
    apply=apply,
    shown_by="locks",
    opening=lambda order: f"{order.words['service']} unlock",
    environment=environment_meant,
    day=51,
)
