"""Times at which something holds: every week, or once. They follow the clock on the wall of a time zone.

`weekly` and `from_until` read what people wrote; ValueError says that it is none.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from msgspec import Struct

from bot.core.wall import calendar_date, clock, day_named, shows, weekday, weekdays

DAY = 24 * 60
WEEK = 7 * DAY
MOST_STEPS = 100
_ALWAYS = ((0, WEEK),)

Stretch = tuple[datetime, datetime]


class Window(Struct, frozen=True, kw_only=True):
    """`text` is how it was written. Its beginning belongs to it, its end does not."""

    text: str
    time_zone: str

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def contains(self, moment: datetime) -> bool:
        return any(start <= moment < end for start, end in self._near(moment))

    def next_start(self, after: datetime) -> datetime | None:
        """When it begins next; None where it never does again."""
        return next((start for start, _ in self._near(after) if start > after), None)

    def ends(self, moment: datetime) -> datetime | None:
        """The first moment from then on that lies outside; None where it never ends."""
        return next((end for start, end in self._near(moment) if start <= moment < end), moment)

    def _near(self, moment: datetime) -> list[Stretch]:
        """Those around and next, in order, with a gap between each two."""
        raise NotImplementedError


class Dated(Window, frozen=True, kw_only=True, tag="dated"):
    """Once. Ad hoc ones are made of their moments."""

    start: datetime
    end: datetime

    def _near(self, _moment: datetime) -> list[Stretch]:
        return [(self.start, self.end)] if self.start < self.end else []


class Weekly(Window, frozen=True, kw_only=True, tag="weekly"):
    """Every week: `spans` are its minutes from Monday 00:00, first and end of each."""

    spans: tuple[tuple[int, int], ...]

    @property
    def always(self) -> bool:
        return self.spans == _ALWAYS

    def ends(self, moment: datetime) -> datetime | None:
        return None if self.always else super().ends(moment)

    def _near(self, moment: datetime) -> list[Stretch]:
        """From the week before to three weeks on: a night that the clock skips may take one week's window away."""
        local = moment.astimezone(self.zone)
        monday = datetime.combine(local.date() - timedelta(days=local.weekday()), time())
        return list(_merged(self._week(monday, number) for number in range(-1, 4)))

    def _week(self, monday: datetime, number: int) -> list[Stretch]:
        start = monday + timedelta(weeks=number)
        at = [(start + timedelta(minutes=a), start + timedelta(minutes=b)) for a, b in self.spans]
        return [(shows(a, self.zone), shows(b, self.zone)) for a, b in at]


def weekly(text: str, time_zone: str) -> Weekly:
    """`mon-thu 09:00-16:00`, `daily 22:00-07:00`, `sat,sun 00:00-24:00`: a window ends on the next day if it has to."""
    days, _, hours = text.strip().lower().partition(" ")
    first, dash, last = hours.strip().partition("-")
    start, end = _minute(first), _minute(last)
    if not dash or start in (end, DAY):
        raise ValueError(text)
    length = end - start if end > start else end + DAY - start
    return _weekly(
        [(day * DAY + start, length) for day in (range(7) if days == "daily" else weekdays(days))], text, time_zone
    )


def from_until(start: str, end: str, time_zone: str) -> Window:
    """`fri 00:00` to `mon 08:00`, or `2026-12-20` to `2027-01-04`: the last day is part of it."""
    text = f"{start} to {end}"
    if is_weekly(start) and is_weekly(end):
        first, last = _week_minute(start), _week_minute(end, last=True)
        if first == last:
            raise ValueError(text)
        return _weekly([(first, (last - first) % WEEK or WEEK)], text, time_zone)
    begins, over = _wall(start), _wall(end, last=True)
    if begins >= over:
        raise ValueError(text)
    zone = ZoneInfo(time_zone)
    return Dated(text=text, time_zone=time_zone, start=shows(begins, zone), end=shows(over, zone))


def free_from(windows: Sequence[Window], moment: datetime) -> datetime | None:
    """The first moment from then on that lies outside all of them; None where none is in sight."""
    for _ in range(MOST_STEPS):
        ends = [window.ends(moment) for window in windows]
        later = [end for end in ends if end is not None]
        if len(later) < len(ends):
            return None
        latest = max(later, default=moment)
        if latest == moment:
            return moment
        moment = latest
    return None


def open_from(windows: Sequence[Window], moment: datetime) -> datetime | None:
    """The first moment from then on that lies inside any of them."""
    if any(window.contains(moment) for window in windows):
        return moment
    return min(filter(None, (window.next_start(moment) for window in windows)), default=None)


def is_weekly(text: str) -> bool:
    """Is this end of a window a day of the week, not a date? ValueError where it is neither."""
    if weekday(text.strip().partition(" ")[0]) is None:
        _wall(text)
        return False
    _week_minute(text)
    return True


def _weekly(spans: list[tuple[int, int]], text: str, time_zone: str) -> Weekly:
    """`spans` with their lengths, which may run over each other and over the week's end."""
    held = sorted({minute % WEEK for start, length in spans for minute in range(start, start + length)})
    runs = [[minute for _, minute in run] for _, run in groupby(enumerate(held), lambda pair: pair[1] - pair[0])]
    return Weekly(text=text, time_zone=time_zone, spans=tuple((run[0], run[-1] + 1) for run in runs))


def _merged(weeks: Iterator[list[Stretch]]) -> Iterator[Stretch]:
    """Without those that the clock skips, and with those as one that it leaves no gap between."""
    held: Stretch | None = None
    for start, end in (stretch for week in weeks for stretch in week if stretch[0] < stretch[1]):
        if held and start <= held[1]:
            held = (held[0], end)
            continue
        if held:
            yield held
        held = (start, end)
    if held:
        yield held


def _minute(text: str) -> int:
    if text.strip() == "24:00":
        return DAY
    found = clock(text.strip())
    return found.hour * 60 + found.minute


def _week_minute(text: str, *, last: bool = False) -> int:
    """A day alone is all of it."""
    day, _, at = text.strip().partition(" ")
    return day_named(day) * DAY + (_minute(at) if at else DAY if last else 0)


def _wall(text: str, *, last: bool = False) -> datetime:
    day, _, at = text.strip().replace("T", " ").partition(" ")
    minutes = _minute(at) if at else DAY if last else 0
    return datetime.combine(calendar_date(day), time()) + timedelta(minutes=minutes)
