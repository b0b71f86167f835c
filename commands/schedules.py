"""schedules: which orders come by themselves, and when."""

from bot.core.model import Order, Reply
from bot.core.schedules import listed
from bot.plans.changes import may_read
from bot.ports import Command, Ports


def plan(ports: Ports, order: Order) -> Reply:
    return listed([s for s in ports.store.schedules() if may_read(ports, order, s.service, s.environment)])


COMMAND = Command(
    usage="schedules",
    summary="which orders come by themselves, and when",
    verb="read",
    examples=("schedules",),
    plan=plan,
    day=58,
)
