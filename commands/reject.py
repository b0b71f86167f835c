"""reject: somebody else's change does not happen."""

from bot.core.asking import REJECTED
from bot.core.errors import UsageError
from bot.core.guards import Ask
from bot.core.model import Change, Order, Reply
from bot.plans.asks import approvable, settle, settling
from bot.ports import Command, Ports, Settled

REASONS = ("not now", "not this version", "ask me first")


def plan(ports: Ports, order: Order) -> Change:
    ask = approvable(ports, order)
    if not order.words.get("reason"):
        raise _why(ask)
    return settling(ports, order, ask, f"{ask.what} rejected")


def _why(ask: Ask) -> UsageError:
    """Who ordered it reads the reason. A few are ready to be pressed: the button has none."""
    says = ((reason.capitalize(), f'reject {ask.number} "{reason}"') for reason in REASONS)
    who = ask.order.request.who.mention
    return UsageError(
        f"Why not {ask.what}?", fact=f"{who} reads it.", hint=f'reject {ask.number} "{REASONS[0]}"', orders=list(says)
    )


def apply(ports: Ports, change: Change) -> Settled:
    order = change.order
    ask, reason = approvable(ports, order), order.words["reason"]
    settle(ports, ask, REJECTED)
    reply = Reply(title=change.title, body=reason)
    return Settled(ask, REJECTED, reply, by=order.request.who, reason=f'"{reason}"')


COMMAND = Command(
    usage='reject [number] ["reason"]',
    summary="say no to what somebody else ordered",
    verb="approve",
    examples=('reject 7 "not before the migration"', "reject 7 not this version"),
    refusals=(
        "you ordered it yourself",
        "you are not of the role that approves",
        "it is settled already",
        "it has no reason",
    ),
    plan=plan,
    apply=apply,
    shown_by="approvals",
    day=43,
)
