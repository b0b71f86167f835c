"""approve: somebody else's change may happen. It is carried out when enough people of the role have said so."""

from bot.core.asking import APPROVED
from bot.core.model import Change, Order, Reply, Tone
from bot.core.words import count
from bot.plans.asks import approvable, as_wanted, counting, settle, settling
from bot.ports import Command, Ports, Settled


def plan(ports: Ports, order: Order) -> Change:
    ask = approvable(ports, order)
    return settling(ports, order, ask, f"{ask.what} approved")


def apply(ports: Ports, change: Change) -> Settled:
    """Of those who agree at once, the one who settles it carries it out; the others have agreed all the same."""
    ask, who = as_wanted(ports, approvable(ports, change.order)), change.order.request.who
    agreed = counting(ports, ask, ports.store.agree(ask.number, who), who)
    if len(agreed) < ask.need:
        more = count(ask.need - len(agreed), "more approval")
        return Settled(ask, "", Reply(title=change.title, body=f"It waits for {more}."), agreed)
    settle(ports, ask, APPROVED)
    return Settled(ask, APPROVED, Reply(title=change.title, tone=Tone.GOOD), agreed, who)


COMMAND = Command(
    usage="approve [number]",
    summary="agree to what somebody else ordered",
    verb="approve",
    examples=("approve 7",),
    refusals=("you ordered it yourself", "you are not of the role that approves", "it has expired"),
    plan=plan,
    apply=apply,
    shown_by="approvals",
    day=42,
)
