"""locks: what is locked, by whom, since when and why."""

from bot.core import render
from bot.core.model import Order, Reply
from bot.ports import Command, Ports


def plan(ports: Ports, order: Order) -> Reply:  # noqa: ARG001 - every plan takes its order
    return render.locks(ports.store.locks(), ports.clock.now())


COMMAND = Command(
    usage="locks",
    summary="what is locked, by whom and why",
    verb="read",
    examples=("locks",),
    plan=plan,
    day=52,
)
