"""unlock: changes are possible again."""

from bot.core.errors import NotFound
from bot.core.model import Change, Order, Reply, Tone
from bot.core.words import ago
from bot.planning import annotate_lock, environment_of, opening
from bot.ports import Command, Ports


def plan(ports: Ports, order: Order) -> Change:
    standing = next(
        (k for k in ports.store.locks() if (k.service, k.environment) == (order.service, order.environment)), None
    )
    if standing is None:
        raise NotFound(f"{order.service} in {order.environment} is not locked.", hint="locks")
    now = ports.clock.now()
    return Change(
        order=order,
        steps=(),
        at=now,
        title=f"{order.service} in {order.environment} unlocked",
        before="locked",
        after="unlocked",
        notes=(f'It was locked by {standing.owner.mention} {ago(standing.at, now)}: "{standing.reason}".',),
    )


def apply(ports: Ports, change: Change) -> Reply:
    order, environment = change.order, environment_of(ports, change.order)
    ports.store.release_lock(order.service or "", environment.name)
    note = annotate_lock(ports, order.service or "", environment, None)
    return Reply(title=change.title, tone=Tone.GOOD, body="\n".join(filter(None, [*change.notes, note])))


COMMAND = Command(
    usage="unlock <service> [in <environment>]",
    summary="let a locked service be changed again",
    verb="lock",
    examples=("unlock adderservice in production", "unlock webapp in staging"),
    refusals=("it is not locked", "your role does not grant lock"),
    plan=plan,
    apply=apply,
    opening=opening("{service} unlock"),
    day=51,
)
