"""confirm: what was shown to you is what you want. Only for who ordered it."""

from bot.core.asking import CONFIRMED
from bot.core.decision import Outcome
from bot.core.errors import NotAllowed
from bot.core.model import Change, Order, Reply, Tone
from bot.core.rights import is_same
from bot.plans.asks import settle, settling, waiting
from bot.ports import Command, Ports, Settled


def plan(ports: Ports, order: Order) -> Change:
    ask = waiting(ports, order, Outcome.CONFIRM)
    owner = ask.order.request.who
    if not is_same(owner, order.request.who):
        raise NotAllowed(
            f"{owner.mention} ordered {ask.what}, and nobody else confirms it.", hint=ask.order.request.text
        )
    return settling(ports, order, ask, f"{ask.what} confirmed")


def apply(ports: Ports, change: Change) -> Settled:
    ask = waiting(ports, change.order)
    settle(ports, ask, CONFIRMED)
    return Settled(ask, CONFIRMED, Reply(title=change.title, tone=Tone.GOOD))


COMMAND = Command(
    usage="confirm [number]",
    summary="carry out what was shown to you",
    verb="read",
    examples=("confirm 7",),
    refusals=("somebody else ordered it", "it has expired", "nothing waits under that number"),
    plan=plan,
    apply=apply,
    shown_by="approvals",
    day=40,
)
