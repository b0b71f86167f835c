"""What happened in quiet hours: who keeps it from whom, and the one message that tells it after them."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from bot.core.catalogue import Catalogue
from bot.core.events import (
    AlertRaised,
    BuildChanged,
    Committed,
    Event,
    IncidentChanged,
    RolloutChanged,
    TagFound,
)
from bot.core.model import Field, Message, Place, Reply, Table, Tone
from bot.core.quiet import LOUD, Quiet, quiet_until
from bot.core.render import order_line
from bot.core.routes import calls, places, speaks, takes
from bot.core.thread import MARKS, WORST, bare, worst
from bot.core.words import clip, count
from bot.core.workload import Target

ROWS = 50
LINKS = 8
LABEL = 40
ORDERS = 3
COUNTED = {Tone.BAD: "failed", Tone.WARNING: "not well"}

Row = tuple[Message, int]


def heard(event: Event, catalogue: Catalogue, platforms: Collection[str], now: datetime) -> dict[Place, Quiet]:
    """Where it is told, and until when that waits: not where somebody is called, nor where another route speaks now."""
    called = calls(event, catalogue, platforms)
    speaking = [route for route in catalogue.routes if takes(route, event) and speaks(route, event)]
    found: dict[Place, Quiet] = {}
    for place in places(event, catalogue, platforms):
        leading = [route for route in speaking if place.channel in route.to.get(place.platform, ())]
        ends = [end for route in leading if (end := quiet_until(route.quiet, now))]
        kept = ends and len(ends) == len(leading) and place not in called
        found[place] = Quiet(min(ends), subject(event)) if kept else LOUD
    return found


def merged(*heard: Mapping[Place, Quiet]) -> dict[Place, Quiet]:
    """Of one message that several things speak of: it is kept for as long as all of them keep it."""
    found: dict[Place, Quiet] = {}
    for told in heard:
        for place, quiet in told.items():
            found[place] = min(quiet, found.get(place, quiet), key=lambda each: each.until)
    return found


def subject(event: Event) -> str:
    """Of what people want to know the last state, however often it happened."""
    match event:
        case BuildChanged(build, service):
            return f"build:{service or f'{build.source}:{build.job}'}"
        case TagFound(service=service):
            return f"image:{service}"
        case Committed(service=service):
            return f"merge:{service}"
        case RolloutChanged(rollout):
            return f"rollout:{_where(rollout.target)}"
        case IncidentChanged(incident):
            return f"incident:{_where(incident.target)}"
        case AlertRaised(group):
            return f"alert:{group.source}:{group.group}"


def sorted_out(kept: Sequence[Message]) -> tuple[list[Message], list[Message]]:
    """What one place was kept from: what the digest ends, and what is said by itself since it goes on.

    What stands over that is said with it, and beneath it too. A single piece of news needs no digest.
    """
    by_key = {message.key: message for message in kept}
    going = {message.key for message in kept if not message.final and has_row(message)}
    if len(news := [m for m in kept if has_row(m) and m.key not in going]) == 1:
        going.add(news[0].key)
    for key in list(going):
        while (above := by_key.get(key)) and above.parent in by_key:
            key = str(above.parent)
            going.add(key)
    going |= {m.key for m in kept if m.parent and not has_row(m) and (m.parent in going or m.parent not in by_key)}
    return [m for m in kept if m.key not in going], [m for m in kept if m.key in going]


def has_row(message: Message) -> bool:
    return message.quiet is not None and message.quiet.subject is not None


def digest(told: Iterable[Message]) -> Reply:
    """`Quiet hours are over · 7 things happened · 1 failed`: the last of each subject with its count, worst first."""
    rows = _rows(message for message in told if has_row(message))
    tones = Counter(message.reply.tone for message, _ in rows)
    bad = ", ".join(f"{tones[tone]:,} {word}" for tone, word in COUNTED.items() if tones[tone])
    return Reply(
        title=f"Quiet hours are over · {count(len(rows), 'thing')} happened · {bad or 'nothing failed'}",
        tone=worst(tones),
        body="\n".join(_orders(rows)),
        fields=tuple(_links(rows)),
        table=_table(rows),
    )


def _rows(told: Iterable[Message]) -> list[Row]:
    """In the order in which they moved last, so that the last one counts."""
    messages = list(told)
    last = {_about(message): message for message in messages}
    times = Counter(map(_about, messages))
    return sorted(((m, times[about]) for about, m in last.items()), key=lambda row: WORST.index(row[0].reply.tone))


def _about(message: Message) -> str:
    return (message.quiet.subject if message.quiet else "") or message.key


def _table(rows: Sequence[Row]) -> Table:
    lines = [(f"{times:,}", f"{MARKS[message.reply.tone]} {bare(message.reply)}") for message, times in rows[:ROWS]]
    if more := rows[ROWS:]:
        lines.append((f"{sum(times for _, times in more):,}", f"… of {count(len(more), 'more thing')}"))
    return Table(("times", "last"), tuple(lines), frozenset({"times"}))


def _links(rows: Sequence[Row]) -> list[Field]:
    """The first of each, by a name that says of what it is: `Open` says it of none."""
    found = [(bare(m.reply), next((field for field in m.reply.fields if field.is_link), None)) for m, _ in rows]
    return [Field(clip(title, LABEL), link.value) for title, link in found if link][:LINKS]


def _orders(rows: Sequence[Row]) -> list[str]:
    """What to type of what is not well."""
    bad = [message.reply for message, _ in rows if message.reply.tone in COUNTED]
    found = [button.command for reply in bad for button in reply.buttons if button.command.startswith("why ")]
    return [order_line(order) for order in dict.fromkeys(found)][:ORDERS]


def _where(target: Target) -> str:
    return f"{target.environment}/{target.name}"
