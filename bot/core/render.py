"""The words of answers, once, for every platform. Title, then the fact, then the next thing to type."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec.structs import replace

from bot.core import difference
from bot.core.difference import Difference
from bot.core.errors import Conflict, Invalid, QuarterdeckError, Unavailable
from bot.core.locks import Lock
from bot.core.model import Button, Change, Field, Reply, Table, Tone, When
from bot.core.references import exact
from bot.core.secret import MASK
from bot.core.words import span

_DRY_RUN = re.compile(r"(?<!\s)\s+(?:[—–]|[—–‒−-]{2})dry-run(?!\S)", re.IGNORECASE)
VERBATIM = "    "
FIRST_ORDERS = ("status", "whoami", "help")


def order_line(order: str) -> str:
    """An order to type, kept apart from prose so that every platform shows it as it is."""
    return f"{VERBATIM}{order}"


def hint_line(hint: str) -> str:
    """Hints are sentences or orders; a sentence ends like one."""
    return hint if hint.endswith((".", "?")) else order_line(hint)


def refusal(error: QuarterdeckError, order: str = "") -> Reply:
    serious = isinstance(error, Conflict | Invalid | Unavailable)
    return Reply(
        title=error.sentence,
        tone=Tone.BAD if serious else Tone.WARNING,
        body=lines(error.fact, _put_right(error, order) or (hint_line(error.hint) if error.hint else "")),
        buttons=tuple(Button(label, order) for label, order in error.orders),
        private=True,
        code=error.code,
    )


def _put_right(error: QuarterdeckError, order: str) -> str:
    """The order with the word that was meant; not where it holds a value, which may be a secret."""
    if not error.instead or "=" in order:
        return ""
    typed, meant = error.instead
    words = order.split()
    again = [meant if word.lower() == typed else word for word in words]
    return order_line(" ".join(again)) if again != words else ""


def broken(reference: str) -> Reply:
    return Reply(
        title=f"Something broke on our side (ref {reference}).",
        tone=Tone.BAD,
        body=lines("It is in the log under that reference.", order_line("status")),
        private=True,
        code="broken",
    )


def opening(title: str, who: str) -> Reply:
    """The answer within a blink, before anything was looked up."""
    return Reply(title=f"{title} · starting", tone=Tone.WORKING, fields=(Field("ordered by", who),))


def first_words(inviter: str) -> Reply:
    """What stands first in the room of somebody who was invited."""
    invited = f"{inviter} invited you. " if inviter else ""
    return Reply(
        title="Quarterdeck deploys and watches services from chat",
        body=lines(
            f"{invited}Type an order here, or mention it in a room that it is in.",
            *(order_line(order) for order in FIRST_ORDERS),
        ),
        buttons=tuple(Button(order.capitalize(), order) for order in FIRST_ORDERS),
    )


def planned(change: Change) -> Reply:
    """The change as it is about to be applied: the opening line with what was found."""
    return Reply(
        title=f"{change.title} · starting",
        tone=Tone.WORKING,
        body=lines(before_after(change), *change.notes, *change.marks),
        fields=(Field("ordered by", change.order.request.who.mention),),
    )


def shown(change: Change, found: Sequence[Sequence[Difference]]) -> Reply:
    """A dry run: what the cluster would make of each step, and the order for it; not where its values are masked."""
    text = _exactly(change, _DRY_RUN.sub("", change.order.request.text))
    masked = MASK in text
    again = () if masked else ("To do it:", order_line(text))
    return Reply(
        title=f"{change.title} · dry run, nothing changed",
        body=lines(before_after(change), *change.notes, *change.marks, *_differing(change, found), *again),
        buttons=() if masked else (Button("Do it", text),),
        table=steps_table(change) if len(change.steps) > 1 else None,
    )


def _exactly(change: Change, text: str) -> str:
    """The order for what was shown, also when its tag moves before it is given."""
    version, meant = change.order.words.get("version"), exact(change.image) if change.image else ""
    if not (version and meant):
        return text
    return re.sub(rf"(?<!\S){re.escape(version)}(?!\S)", lambda _: meant, text, count=1)


def _differing(change: Change, found: Sequence[Sequence[Difference]]) -> Iterable[str]:
    for step, differences in zip(change.steps, found, strict=True):
        what = f"{step.target.kind} {step.target.name}"
        yield f"The cluster would change in {what}:" if differences else f"The cluster would change nothing in {what}."
        yield from (f"{VERBATIM}{line}" for line in difference.lines(differences))


def applied(change: Change) -> Reply:
    """For what is done when it is done: no rollout follows."""
    body = lines(before_after(change), *change.notes, *change.marks)
    return by_whom(Reply(title=f"{change.title} · done", tone=Tone.GOOD, body=body), change)


def by_whom(reply: Reply, change: Change) -> Reply:
    """A slash order is not seen by the others of the channel: what came of it says whose it was."""
    return replace(reply, fields=(*reply.fields, Field("ordered by", change.order.request.who.mention)))


def steps_table(change: Change) -> Table:
    rows = tuple((f"{s.target.kind} {s.target.name}", s.before, s.after) for s in change.steps)
    return Table(("workload", "now", "then"), rows)


def locks(locks: Iterable[Lock], now: datetime) -> Reply:
    standing = [lock for lock in locks if lock.stands(now)]
    if not standing:
        return Reply(title="Nothing is locked.", body=order_line('lock <service> in <environment> "reason"'))
    rows = tuple(
        (k.what, k.owner.mention, When(k.at), When(k.until) if k.until else "someone unlocks", k.reason)
        for k in standing
    )
    return Reply(
        title=f"{len(rows)} locked, the oldest for {span((now - min(k.at for k in standing)).total_seconds())}",
        table=Table(("locked", "by", "since", "until", "reason"), rows),
        buttons=tuple(Button(f"Unlock {k.words}", f"unlock {k.words}") for k in standing[:3]),
    )


def before_after(change: Change) -> str:
    if change.before == change.after:
        return change.after
    return f"{change.before} → {change.after}" if change.before else change.after


def lines(*lines: str) -> str:
    return "\n".join(line for line in lines if line)
