"""audit: who tried what, when, and what came of it. Denied attempts too."""

from datetime import timedelta

from bot.core.audit import AuditEntry
from bot.core.errors import UsageError
from bot.core.model import Cell, Order, Reply, Table, When
from bot.core.words import count, duration
from bot.ports import Command, Ports

SHOWN = 20
LONGEST = timedelta(days=3660)


def plan(ports: Ports, order: Order) -> Reply:
    since = order.words.get("time")
    start = ports.clock.now() - _duration(since) if since else None
    by = (order.words.get("who") or "").lstrip("@") or None
    entries = ports.store.audit(service=order.service, by=by, since=start, limit=SHOWN)
    about = "".join([f" on {order.service}" if order.service else "", f" by {by}" if by else ""])
    if not entries:
        return Reply(title=f"No order{about} is recorded{f' since {since}' if since else ''}.")
    return Reply(
        title=f"The last {count(len(entries), 'order')}{about}",
        table=Table(("when", "who", "order", "change", "outcome", "rule"), tuple(map(_row, entries))),
    )


def _duration(word: str) -> timedelta:
    try:
        found = duration(word)
    except ValueError:
        raise UsageError(
            f"{word[:40]} is not a length of time.", fact="It is such as 30m, 2h or 7d.", hint="audit since 2h"
        ) from None
    return min(found, LONGEST)


def _row(entry: AuditEntry) -> tuple[Cell, ...]:
    change = f"{entry.before} → {entry.after}" if entry.before else entry.after
    return (When(entry.at), entry.who.mention, entry.text, change, entry.outcome, entry.rule)


COMMAND = Command(
    usage="audit [service] [by <who>] [since <time>]",
    summary="who tried what, and what came of it",
    verb="read",
    examples=("audit", "audit adderservice since 2h", "audit by dev1 since 7d"),
    plan=plan,
    day=60,
)
