"""reject: somebody else's change does not happen."""

from bot.core.asking import REJECTED
from bot.core.model import Change, Order, Reply
from bot.plans.asks import approvable, settle, settling
from bot.ports import Command, Ports, Settled


def plan(ports: Ports, order: Order) -> Change:
    ask = approvable(ports, order)
    return settling(ports, order, ask, f"{ask.what} rejected")


def apply(ports: Ports, change: Change) -> Settled:
    order = change.order
    ask, reason = approvable(ports, order), order.words.get("reason") or ""
    settle(ports, ask, REJECTED)
    reply = Reply(title=change.title, body=reason)
    return Settled(ask, REJECTED, reply, by=order.request.who, reason=f'"{reason}"' if reason else "")


COMMAND = Command(
    usage='reject <number> ["reason"]',
    summary="say no to what somebody else ordered",
    verb="approve",
    examples=('reject 7 "not before the migration"', "reject 7"),
    refusals=("you ordered it yourself", "you are not of the role that approves", "it is settled already"),
    plan=plan,
    apply=apply,
    shown_by="approvals",
    day=43,
)
