"""unlock: changes are possible again. Whoever may lock may break somebody else's lock, and is named for it."""

from msgspec.structs import replace

from bot.core.errors import NotFound
from bot.core.model import ALL, Change, Lock, Order, Reply, Tone
from bot.core.render import lines
from bot.core.words import ago
from bot.plans.locking import annotate, environment_meant, meant
from bot.ports import Command, Ports


def plan(ports: Ports, order: Order) -> Change:
    service, environment = meant(ports, order)
    standing = next((k for k in ports.store.locks() if (k.service, k.environment) == (service, environment)), None)
    now = ports.clock.now()
    if standing is None:
        wanted = Lock(service, environment, order.request.who, "", now)
        held = next((k for k in ports.store.locks() if service in (k.service, ALL) or k.service == ALL), None)
        raise NotFound(
            f"Nobody has locked {wanted.words}.",
            fact=f"{held.what} is locked by {held.owner.mention}." if held else "",
            hint=f"unlock {held.words}" if held else "locks",
        )
    note = f'It was locked by {standing.owner.mention} {ago(standing.at, now)}: "{standing.reason}".'
    order = replace(order, service=service, environment=environment)
    return Change(order, (), now, f"{standing.what} unlocked", "locked", "unlocked", notes=(note,))


def apply(ports: Ports, change: Change) -> Reply:
    order = change.order
    gone = ports.store.release_lock(order.service or "", order.environment or "")
    note = annotate(ports, gone, None) if gone else ""
    return Reply(title=change.title, tone=Tone.GOOD, body=lines(*change.notes, note))


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
