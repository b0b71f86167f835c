"""locks: what is locked, by whom, since when and why."""

from bot.core import render
from bot.core.model import Order, Reply
from bot.plans.changes import may_read
from bot.ports import Command, Ports


def plan(ports: Ports, order: Order) -> Reply:
    standing = [lock for lock in ports.store.locks() if may_read(ports, order, lock.service, lock.environment)]
    return render.locks(standing, ports.clock.now())


COMMAND = Command(
    usage="locks",
    summary="what is locked, by whom and why",
    verb="read",
    examples=("locks",),
    plan=plan,
    day=52,
)
