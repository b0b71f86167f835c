"""lock: nobody changes a service until it is unlocked. kubectl users see it as an annotation."""

from bot.core.errors import Locked
from bot.core.model import Change, Lock, Order, Reply, Tone
from bot.core.render import order_line
from bot.planning import annotate_lock, environment_of, opening
from bot.ports import Command, Ports


def plan(ports: Ports, order: Order) -> Change:
    workloads = ports.workloads(order.service or "", environment_of(ports, order))
    return Change(
        order=order,
        steps=(),
        at=ports.clock.now(),
        title=f"{order.service} in {order.environment} locked",
        before="",
        after=order.words["reason"],
        notes=tuple(f"{w.target.kind} {w.target.name}" for w in workloads),
    )


def apply(ports: Ports, change: Change) -> Reply:
    order, environment = change.order, environment_of(ports, change.order)
    lock = Lock(order.service or "", environment.name, order.request.who, order.words["reason"], change.at)
    standing = ports.store.take_lock(lock)
    if standing:
        raise Locked(
            f"{lock.service} in {lock.environment} is locked already, by {standing.owner.mention}: "
            f'"{standing.reason}".',
            hint=f"unlock {lock.service} in {lock.environment}",
        )
    note = annotate_lock(ports, lock.service, environment, f"{lock.owner.name}: {lock.reason}")
    return Reply(
        title=change.title,
        tone=Tone.WARNING,
        body="\n".join(
            filter(None, [f'"{lock.reason}"', note, order_line(f"unlock {lock.service} in {lock.environment}")])
        ),
    )


COMMAND = Command(
    usage='lock <service> [in <environment>] "reason"',
    summary="let nobody change a service until it is unlocked",
    verb="lock",
    examples=('lock adderservice in production "migration running"', "lock webapp in staging load test until noon"),
    refusals=("it is locked already", "your role does not grant lock"),
    plan=plan,
    apply=apply,
    opening=opening("{service} lock"),
    day=50,
)
