"""schedules: which orders come by themselves, and when."""

from bot.core.model import Order, Reply
from bot.core.schedules import listed
from bot.ports import Command, Ports


def plan(ports: Ports, order: Order) -> Reply:  # noqa: ARG001 - every plan takes its order
    return listed(ports.store.schedules())


COMMAND = Command(
    usage="schedules",
    summary="which orders come by themselves, and when",
    verb="read",
    examples=("schedules",),
    plan=plan,
    day=58,
)
