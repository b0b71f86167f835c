"""When an order is to be carried out: the words that people type, and the moments they mean.

Every day has each of its times once. One that is left out when clocks go forward means as long after midnight as it
always is, so 02:30 is 03:30 by then; of two that are alike when they go back, the first is meant.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

from msgspec import Struct

from bot.core.catalogue import nearest
from bot.core.errors import UsageError
from bot.core.words import clip

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEKDAYS, WEEKEND, ALL = (0, 1, 2, 3, 4), (5, 6), (0, 1, 2, 3, 4, 5, 6)
FARTHEST = timedelta(days=366)
COUNTED = 1_000
_GROUPS = {"day": ALL, "weekday": WEEKDAYS, "workday": WEEKDAYS, "weekend": WEEKEND}
_FILLERS = frozenset({"at", "on", "and", "next", "the"})
_WORD = re.compile(r"\S+")
_TIME = re.compile(r"(\d{1,2})(?::(\d{2}))?(am|pm)?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_ONE_DAY = timedelta(days=1)


class Timing(Struct, frozen=True):
    """Once on `day`, or on each of `days` (Monday is 0); so many minutes into the day, by the clocks of `zone`."""

    minutes: int
    zone: str
    day: date | None = None
    days: tuple[int, ...] = ()

    @property
    def clock(self) -> str:
        return f"{self.minutes // 60:02}:{self.minutes % 60:02}"

    def on(self, day: date) -> datetime:
        local = datetime.combine(day, time(self.minutes // 60, self.minutes % 60), ZoneInfo(self.zone))
        return local.astimezone(UTC)


def following(timing: Timing, after: datetime) -> datetime | None:
    """The first moment of it later than that; None where it is over."""
    if timing.day is not None:
        moment = timing.on(timing.day)
        return moment if moment > after else None
    first = after.astimezone(ZoneInfo(timing.zone)).date() - _ONE_DAY
    days = (first + n * _ONE_DAY for n in range(10))
    moments = (timing.on(day) for day in days if day.weekday() in timing.days)
    return next((moment for moment in moments if moment > after), None)


def between(timing: Timing, first: datetime, last: datetime) -> int:
    """How many of its moments there were, both ends included; nobody wants to know of more than a thousand."""
    found, moment = 0, first
    while moment <= last and found < COUNTED:
        found += 1
        later = following(timing, moment)
        if later is None:
            break
        moment = later
    return found


def read_once(text: str, now: datetime, zone: str) -> tuple[Timing, str]:
    """`09:00 tomorrow deploy …` → that moment, and the order behind it. UsageError for what is no moment ahead."""
    said, order = _said(text)
    if said.days:
        raise UsageError(f"every {said.days_as_typed} is a rule, and at is for once.", hint=f"every {text}")
    today = now.astimezone(ZoneInfo(said.zone or zone)).date()
    day = said.day(today)
    timing = said.timing(zone, day=day or today)
    if day is None and timing.on(today) <= now:
        timing = said.timing(zone, day=today + _ONE_DAY)
    if said.weekday is not None and timing.on(day or today) <= now:
        timing = said.timing(zone, day=(day or today) + 7 * _ONE_DAY)
    _refuse_impossible(timing, now, order)
    return timing, order


def read_often(text: str, zone: str) -> tuple[Timing, str]:
    """`weekday 18:00 scale …` → those moments, and the order behind them."""
    said, order = _said(text)
    if said.date or said.shift is not None:
        raise UsageError("every is for days of the week.", hint=f"at {text}")
    days = said.days or ((said.weekday,) if said.weekday is not None else ())
    if not days:
        raise UsageError(
            "every needs to know which days.",
            fact="day, weekday, weekend, or names such as monday or mon-thu.",
            hint=f"every weekday {text}",
        )
    return said.timing(zone, days=tuple(sorted(days))), order


class _Said:
    """What was understood so far, word by word."""

    def __init__(self) -> None:
        self.minutes: int | None = None
        self.zone = ""
        self.date: date | None = None
        self.shift: int | None = None
        self.weekday: int | None = None
        self.days: tuple[int, ...] = ()
        self.days_as_typed = ""

    def takes(self, word: str) -> bool:
        plain = word.lower().strip(",")
        return plain in _FILLERS or self._time(plain) or self._day(plain) or self._days(plain) or self._zone(word)

    def day(self, today: date) -> date | None:
        if self.shift is not None:
            return today + self.shift * _ONE_DAY
        if self.weekday is not None:
            return today + (self.weekday - today.weekday()) % 7 * _ONE_DAY
        return self.date

    def timing(self, zone: str, *, day: date | None = None, days: tuple[int, ...] = ()) -> Timing:
        if self.minutes is None:
            raise UsageError("At what time?", fact="A time is written as 09:00.", hint="at 09:00 tomorrow status")
        return Timing(self.minutes, self.zone or zone, day, days)

    def _time(self, word: str) -> bool:
        found = _TIME.fullmatch(word)
        if found is None or not (found[2] or found[3]):
            return False
        hours, minutes = int(found[1]), int(found[2] or 0)
        if found[3]:
            hours = hours % 12 + 12 * (found[3] == "pm") if 1 <= hours <= 12 else 24
        if hours > 23 or minutes > 59:
            raise UsageError(f"{word} is not a time.", fact="A day goes from 00:00 to 23:59.")
        if self.minutes is not None:
            raise UsageError(f"{word} is a second time.", hint="One order has one time.")
        self.minutes = hours * 60 + minutes
        return True

    def _day(self, word: str) -> bool:
        if word in ("today", "tomorrow"):
            self.shift = int(word == "tomorrow")
        elif _DATE.fullmatch(word):
            self.date = _date(word)
        elif self.weekday is None and not self.days and (number := _weekday(word)) is not None:
            self.weekday = number
        else:
            return False
        return True

    def _days(self, word: str) -> bool:
        found = _GROUPS.get(word) or _GROUPS.get(word.removesuffix("s")) or tuple(_listed(word))
        if not found:
            return False
        named = (self.weekday,) if self.weekday is not None else ()
        self.days = tuple({*self.days, *named, *found})
        self.days_as_typed = word
        return True

    def _zone(self, word: str) -> bool:
        if word.upper() in ("UTC", "GMT"):
            self.zone = "UTC"
        elif "/" in word.strip("/") and not word.startswith("/"):
            self.zone = _zone_named(word.strip(","))
        else:
            return False
        return True


def _said(text: str) -> tuple[_Said, str]:
    """Up to the first word that is no part of a time."""
    said, position = _Said(), 0
    for found in _WORD.finditer(text):
        if not said.takes(found[0]):
            break
        position = found.end()
    order = text[position:].strip()
    if not order:
        raise UsageError("The order itself is missing.", hint=f"at {clip(text)} status")
    return said, order


def _weekday(word: str) -> int | None:
    plain = word.removesuffix("s") if word.removesuffix("s") in DAYS else word
    return next((n for n, name in enumerate(DAYS) if plain == name or (len(plain) == 3 and name[:3] == plain)), None)


def _listed(word: str) -> Iterator[int]:
    """`mon-thu`, `mon,wed`: nothing at all where any part is no day."""
    spans = [[_weekday(end) for end in part.split("-")] for part in word.split(",")]
    known = [[n for n in span if n is not None] for span in spans]
    if known != spans or any(len(span) > 2 for span in known):
        return
    for span in known:
        yield from (n % 7 for n in range(span[0], span[-1] + (7 if span[-1] < span[0] else 0) + 1))


def _date(word: str) -> date:
    try:
        return date.fromisoformat(word)
    except ValueError:
        raise UsageError(f"There is no day {word}.", fact="A date is written as 2026-12-24.") from None


def _zone_named(word: str) -> str:
    known = {name.lower(): name for name in available_timezones()}
    found = known.get(word.lower())
    if found is None:
        close = nearest(word[:64], known.values())
        hint = f"Did you mean {close[0]}?" if close else "Such as Europe/Madrid."
        raise UsageError(f"There is no time zone {clip(word)}.", hint=hint)
    return found


def _refuse_impossible(timing: Timing, now: datetime, order: str) -> None:
    if timing.day is None:
        return
    moment = timing.on(timing.day)
    if moment <= now:
        raise UsageError(f"{timing.clock} on {timing.day} is over.", hint=f"at {timing.clock} tomorrow {order}")
    if moment - now > FARTHEST:
        raise UsageError(f"{timing.day} is more than a year ahead.")
    there = moment.astimezone(ZoneInfo(timing.zone))
    if f"{there:%H:%M}" != timing.clock:
        raise UsageError(
            f"{timing.day} has no {timing.clock} in {timing.zone}: the clocks go forward.",
            fact=f"An hour later is {there:%H:%M}.",
        )
