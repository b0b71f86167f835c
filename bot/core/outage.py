"""A registry that cannot be read for long: while nobody looks at it, it only seems as if nothing new were pushed."""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from msgspec import Struct

from bot.core.errors import QuarterdeckError
from bot.core.model import Button, Reply, Tone
from bot.core.render import hint_line, lines, order_line
from bot.core.words import span

FEW = 3


class Outage(Struct, frozen=True):
    """`repositories` are those that cannot be read, without any it is `over`; `services` are those it was told of."""

    registry: str
    since: datetime
    repositories: tuple[str, ...]
    services: tuple[str, ...]
    told: datetime
    sentence: str
    fact: str = ""
    hint: str = ""
    over: datetime | None = None

    @property
    def key(self) -> str:
        return f"registry:{self.registry}:{self.since.isoformat()}"


def begun(outage: Outage, zone: tzinfo) -> Reply:
    order = f"images {outage.services[0]}"
    return Reply(
        title=f"{outage.registry} has been unreadable since {outage.since.astimezone(zone):%a %H:%M %Z}",
        tone=Tone.BAD,
        body=lines(
            f"{outage.sentence} {outage.fact}".strip(),
            f"New images of {_some(outage.services)} are neither found nor deployed by themselves.",
            "deploy and promote fail for them too; rollback, restart and scale do not need it.",
            *((hint_line(outage.hint),) if outage.hint else ()),
            order_line(order),
        ),
        buttons=(Button("Try it", order),),
        code="unavailable",
    )


def ended(outage: Outage, over: datetime, zone: tzinfo) -> Reply:
    first, last = outage.since.astimezone(zone), over.astimezone(zone)
    day = "" if first.date() == last.date() else "%a "
    return Reply(
        title=f"{outage.registry} can be read again",
        tone=Tone.GOOD,
        body=f"Unreadable from {first:%a %H:%M} to {last:{day}%H:%M %Z}, {span(over - outage.since)}. "
        "What was pushed meanwhile is found now.",
    )


def unwatched(outage: Outage) -> Reply:
    return Reply(title=f"{outage.registry} is watched no more", body="The configuration names no repository there.")


def reason(error: QuarterdeckError) -> tuple[str, str, str]:
    """What holds for as long as it lasts: not in how many seconds it is asked next."""
    passing = getattr(error, "retry_after", None) is not None
    return error.sentence, "" if passing else error.fact, "" if error.hint == error.default_hint else error.hint


def _some(services: Sequence[str]) -> str:
    """All of them where they are few."""
    if len(services) <= FEW + 1:
        return " and ".join(filter(None, [", ".join(services[:-1]), services[-1]]))
    return f"{', '.join(services[:FEW])} and {len(services) - FEW} more"
