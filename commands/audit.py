"""audit: who tried what, when, and what came of it. Denied attempts too."""

from collections.abc import Sequence

from bot.core.asking import CANCELLED, EXPIRED, REJECTED, VOID
from bot.core.audit import AuditEntry
from bot.core.errors import Conflict, Invalid, QuarterdeckError, Refused, Unavailable, UsageError
from bot.core.model import Cell, Order, Reply, Table, When
from bot.core.nearest import nearest
from bot.core.rights import VERBS
from bot.core.when import since as beginning
from bot.core.words import clip, count
from bot.plans.changes import may_read
from bot.ports import Command, Ports

SHOWN, LOOKED_THROUGH = 20, 500
FAILURES: tuple[type[QuarterdeckError], ...] = (Conflict, Invalid, Unavailable)
OUTCOMES = {
    "refused": (Refused.code, *(kind.code for kind in Refused.__subclasses__())),
    "failed": ("broken", *(kind.code for kind in FAILURES)),
}
DONE = ("applied", "agreed", REJECTED, CANCELLED, EXPIRED, VOID)
KNOWN = sorted({*OUTCOMES, *DONE}.union(*OUTCOMES.values()))


def plan(ports: Ports, order: Order) -> Reply:
    words, now = order.words, ports.clock.now()
    since, verb, outcome = words.get("time"), words.get("verb"), words.get("outcome")
    found = ports.store.audit(
        service=order.service,
        by=_who(order),
        since=beginning(since, now, ports.catalogue.time_zone, hint="audit since 2h") if since else None,
        verb=_verb(ports, verb) if verb else None,
        outcomes=_outcomes(outcome) if outcome else (),
        limit=LOOKED_THROUGH,
    )
    entries = [entry for entry in found if may_read(ports, order, entry.service, entry.environment)][:SHOWN]
    if not entries:
        if order.service:
            ports.require(order.service)
        return Reply(title=f"No order{_about(order)} is recorded{f' since {since}' if since else ''}.")
    return Reply(
        title=f"The last {'order' if len(entries) == 1 else count(len(entries), 'order')}{_about(order)}",
        table=Table(("when", "who", "outcome", "order", "change", "rule"), tuple(map(_row, entries))),
    )


def _who(order: Order) -> str | None:
    return (order.words.get("who") or "").lstrip("@") or None


def _about(order: Order) -> str:
    words = order.words
    said = (
        ("on", order.service),
        ("by", _who(order)),
        ("with verb", words.get("verb")),
        ("with outcome", words.get("outcome")),
    )
    return "".join(f" {word} {clip(value)}" for word, value in said if value)


def _outcomes(word: str) -> tuple[str, ...]:
    """As it is shown, or a word for many. What was misspelt would look as if it had never come to that."""
    plain = word.lower().replace(" ", "_").replace("-", "_")
    if plain not in KNOWN:
        raise _unknown("outcome", word, KNOWN, KNOWN)
    return OUTCOMES.get(plain, (plain,))


def _verb(ports: Ports, word: str) -> str:
    """Granted or typed: what was misspelt would look as if nobody had ever tried."""
    known = sorted({*VERBS, *ports.commands})
    if word.lower() in known:
        return ports.commands[word.lower()].verb if word.lower() in ports.commands else word.lower()
    raise _unknown("verb", word, known, sorted(VERBS))


def _unknown(what: str, word: str, known: Sequence[str], told: Sequence[str]) -> UsageError:
    close = nearest(word, known, most=1)
    return UsageError(
        f"There is no {what} {clip(word)}.",
        fact=f"Did you mean {close[0]}?" if close else f"There are: {', '.join(told)}.",
        hint=f"audit {what} {close[0]}" if close else "help audit",
    )


def _row(entry: AuditEntry) -> tuple[Cell, ...]:
    change = f"{entry.before} → {entry.after}" if entry.before else entry.after
    return (When(entry.at), entry.who.mention, entry.outcome.replace("_", " "), entry.text, change, entry.rule)


COMMAND = Command(
    usage="audit [service] [by <who>] [since <time>] [verb <verb>] [outcome <outcome>]",
    summary="who tried what, and what came of it",
    verb="read",
    examples=("audit", "audit adderservice since 2h", "audit by dev1 since 7d", "audit outcome refused since 1d"),
    plan=plan,
    day=60,
)
