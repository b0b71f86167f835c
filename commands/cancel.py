"""cancel: what waits for people does not happen. For who ordered it."""

from bot.core.asking import CANCELLED
from bot.core.errors import NotAllowed
from bot.core.model import Change, Order, Reply
from bot.core.rights import is_same
from bot.plans.asks import settle, settling, waiting
from bot.ports import Command, Ports, Settled


def plan(ports: Ports, order: Order) -> Change:
    ask = waiting(ports, order)
    owner = ask.order.request.who
    if not is_same(owner, order.request.who):
        raise NotAllowed(
            f"{owner.mention} ordered {ask.what}, and nobody else cancels it.", hint=f"reject {ask.number}"
        )
    return settling(ports, order, ask, f"{ask.what} cancelled")


def apply(ports: Ports, change: Change) -> Settled:
    ask = waiting(ports, change.order)
    settle(ports, ask, CANCELLED)
    return Settled(ask, CANCELLED, Reply(title=change.title), by=change.order.request.who)


COMMAND = Command(
    usage="cancel [number]",
    summary="take back what you ordered while it waits for people",
    verb="read",
    examples=("cancel 7",),
    refusals=("somebody else ordered it", "it is settled already", "nothing waits under that number"),
    plan=plan,
    apply=apply,
    shown_by="approvals",
    day=41,
)
