"""The words of a change that waits for people, and of how that ended."""

from collections.abc import Sequence
from datetime import tzinfo

from msgspec.structs import replace

from bot.core.decision import Outcome
from bot.core.guards import Ask
from bot.core.model import Button, Change, Field, Reply, Tone, Who
from bot.core.render import before_after, lines, order_line
from bot.core.secret import MASK
from bot.core.words import span
from bot.core.workload import short_digest

CONFIRMED, APPROVED, REJECTED, CANCELLED, EXPIRED, VOID = (
    "confirmed",
    "approved",
    "rejected",
    "cancelled",
    "expired",
    "void",
)
_NOW = {
    Outcome.CONFIRM.value: "It is not what was shown any more, so it is asked again.",
    Outcome.APPROVE.value: "It waits for others to approve it now.",
}
WAITING = frozenset({Outcome.CONFIRM.value, Outcome.APPROVE.value})


def asking(ask: Ask, agreed: Sequence[Who], people: Sequence[str], zone: tzinfo | None) -> Reply:
    """Shows exactly what will happen. `people` are those who can agree."""
    confirm = ask.outcome is Outcome.CONFIRM
    until = f"{ask.until.astimezone(zone):{'%H:%M:%S' if confirm else '%a %H:%M'} %Z}"
    who = ask.order.request.who.mention
    waits = f"For {who} alone, until {until}." if confirm else _approvals(ask, agreed, people, until)
    order = f"{'confirm' if confirm else 'approve'} {ask.number}"
    away = Button("Cancel", f"cancel {ask.number}") if confirm else Button("Reject", f"reject {ask.number}", Tone.BAD)
    return Reply(
        title=f"{ask.what} · {'confirm?' if confirm else f'waits for approval, {len(agreed)} of {ask.need}'}",
        tone=Tone.WARNING,
        body=lines(
            before_after(ask.change),
            *ask.change.notes,
            *ask.told,
            *ask.change.marks,
            _override(ask),
            waits,
            order_line(order),
        ),
        fields=(Field("ordered by", who),),
        buttons=(Button("Confirm" if confirm else "Approve", order, Tone.GOOD), away),
        code=ask.outcome.value,
    )


def ended(ask: Ask, how: str, by: Who | None = None, reason: str = "") -> Reply:
    """It will not be carried out."""
    again = () if MASK in ask.order.request.text else (ask.order.request.text,)
    said = f"{how} by {by.mention}" if by else _ends(ask, how)
    return Reply(
        title=f"{ask.what} · {said}",
        tone=Tone.WARNING,
        body=lines(reason, "Nothing was changed.", *(order_line(text) for text in again)),
        fields=(Field("ordered by", ask.order.request.who.mention),),
        buttons=tuple(Button("Order again", text) for text in again),
        code=how,
    )


def settled(reply: Reply, how: str, then: Reply | None) -> Reply:
    """Whoever agreed is told, wherever they are, when it does not go on for all that, or waits for others now."""
    if how not in (CONFIRMED, APPROVED) or then is None or not then.code:
        return reply
    return replace(reply, tone=Tone.WARNING, body=_NOW.get(then.code, then.title))


def over(ask: Ask, how: str) -> str:
    """What whoever comes too late is told."""
    return f"{ask.number} is settled: {ask.what} was {how}." if how != EXPIRED else f"{ask.number} has expired."


def differs(before: Change, after: Change) -> str:
    """What moved between what was shown and what would happen now."""
    if before.image and after.image and before.image.digest != after.image.digest:
        was, now = short_digest(before.image.digest), short_digest(after.image.digest)
        return f"{before.image.label} is another image now: it was pushed again. It was {was}, and is {now}."
    if before.before != after.before:
        return f"It runs {after.before} now, not {before.before}."
    return "The workload was changed meanwhile."


def agreement(names: Sequence[Who]) -> str:
    return f"Approved by {', '.join(who.mention for who in names)}."


def _approvals(ask: Ask, agreed: Sequence[Who], people: Sequence[str], until: str) -> str:
    more = ask.need - len(agreed)
    can = f" These can: {', '.join(people[:5])}." if people else ""
    so_far = f"{agreement(agreed)} " if agreed else ""
    return f"{so_far}{more} of {ask.role} {'has' if more == 1 else 'have'} to approve it until {until}.{can}"


def _override(ask: Ask) -> str:
    reason = ask.order.words.get("override")
    return f"It overrides what would stop it: {reason}" if reason else ""


def _ends(ask: Ask, how: str) -> str:
    waited = span(ask.until - ask.at)
    verb = "confirmed" if ask.outcome is Outcome.CONFIRM else "approved"
    return f"not {verb} within {waited}" if how == EXPIRED else "changed meanwhile, not carried out"
