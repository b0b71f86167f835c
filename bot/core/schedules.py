"""Orders for later, and what is said of them: when they were given, when they are listed, when they did not run."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from bot.core.heard import EVERY_DAY, WEEKEND, WORKDAYS
from bot.core.model import Button, Field, Place, Reply, Request, Table, Tone, When, Who
from bot.core.render import lines, order_line
from bot.core.wall import DAYS
from bot.core.when import Timing, between, following
from bot.core.words import ago, clip, count, span

_KNOWN = {EVERY_DAY: "every day", WORKDAYS: "every weekday", WEEKEND: "every weekend day"}


class Schedule(Struct, frozen=True):
    """`given` is the id of the request that gave it: applied twice, it is still one. `due` is its next moment."""

    who: Who
    place: Place
    text: str
    timing: Timing
    due: datetime
    given: str
    at: datetime
    service: str | None = None
    environment: str | None = None
    number: int = 0

    @property
    def key(self) -> str:
        """Of this one firing: whatever crashes, it is carried out under this id once or not at all."""
        return f"schedule:{self.number}:{self.due:%Y%m%dT%H%M%SZ}"

    def request(self, now: datetime, who: Who | None = None) -> Request:
        """As the person who gave it, who is `who` by now; the name says that they are not there to watch."""
        who = replace(who or self.who, name=f"{self.who.name} (schedule {self.number})")
        return Request(self.key, who, replace(self.place, message=None), self.text, now)

    def after(self, now: datetime) -> datetime | None:
        return following(self.timing, max(self.due, now))


def given(schedule: Schedule, now: datetime, note: str = "") -> Reply:
    return Reply(
        title=f"{schedule.text} · scheduled for {spoken(schedule.due, schedule.timing, now)}",
        tone=Tone.GOOD,
        body=lines(
            f"{ago(schedule.due, now).capitalize()}, as {schedule.who.mention}, with the rights they have then.",
            f"Then {rule(schedule.timing)}." if schedule.timing.days else "",
            note,
            order_line(f"unschedule {schedule.number}"),
        ),
        buttons=(Button("Unschedule", f"unschedule {schedule.number}"),),
    )


def listed(schedules: Sequence[Schedule]) -> Reply:
    if not schedules:
        return Reply(title="Nothing is scheduled.", body=order_line("at 09:00 tomorrow restart <service>"))
    rows = tuple((str(s.number), s.text, rule(s.timing), When(s.due), s.who.mention) for s in schedules)
    first = schedules[0]
    return Reply(
        title=f"{count(len(schedules), 'order')} scheduled, the next is {first.number}: {clip(first.text)}",
        table=Table(("number", "order", "when", "next", "by"), rows, numeric=frozenset({"number"})),
        body=order_line(f"unschedule {first.number}"),
    )


def missed(schedule: Schedule, now: datetime) -> Reply:
    """Told and not made up for: what was right at nine may be wrong at noon."""
    often = between(schedule.timing, schedule.due, now)
    times = f" {often} times" if often > 1 else ""
    since = "since" if often > 1 else "on"
    late = span(now - schedule.due)
    return Reply(
        title=f"{schedule.text} · not carried out, it was missed{times}",
        tone=Tone.WARNING,
        body=lines(
            f"It was due {since} {spoken(schedule.due, schedule.timing, now)}, {late} ago, when this bot did not run.",
            "Nothing was changed.",
            _next(schedule, now),
            order_line(schedule.text),
        ),
        fields=(_by(schedule),),
        buttons=(Button("Do it now", schedule.text, confirm=f"{schedule.text}?"),),
        code="missed",
    )


def refused(schedule: Schedule, reply: Reply, now: datetime) -> Reply:
    """What would be whispered to somebody who is asleep is said where the order was given."""
    return Reply(
        title=f"{schedule.text} · not carried out: {reply.title}",
        tone=Tone.WARNING,
        body=lines(reply.body, _next(schedule, now)),
        fields=(_by(schedule),),
        code=reply.code,
    )


def rule(timing: Timing) -> str:
    """`every weekday at 18:00 (Europe/Madrid)`, or the one day."""
    if timing.day is not None:
        return f"{timing.day:%a} {timing.day.day} {timing.day:%b} {timing.clock} ({timing.zone})"
    *names, last = (DAYS[n] for n in timing.days)
    days = _KNOWN.get(timing.days) or f"every {', '.join(names)}{' and ' if names else ''}{last}"
    return f"{days} at {timing.clock} ({timing.zone})"


def spoken(moment: datetime, timing: Timing, now: datetime) -> str:
    local = moment.astimezone(ZoneInfo(timing.zone))
    year = f" {local.year}" if local.year != now.year else ""
    return f"{local:%a} {local.day} {local:%b}{year} {local:%H:%M} ({timing.zone})"


def _next(schedule: Schedule, now: datetime) -> str:
    later = schedule.after(now)
    return f"Its next time is {spoken(later, schedule.timing, now)}." if later else ""


def _by(schedule: Schedule) -> Field:
    return Field("scheduled by", f"{schedule.who.mention}, schedule {schedule.number}")
