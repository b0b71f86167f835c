"""The words of a clock and a calendar on the wall, and the moments at which they show them.

A time that the clock skips is the moment of the leap; one that it shows twice is the first of the two.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ONE_DAY = timedelta(days=1)
TIME = re.compile(r"(?=.*[:m])(\d{1,2})(?::(\d{2}))?(am|pm)?", re.ASCII)
DATE = re.compile(r"[12]\d{3}-\d\d-\d\d", re.ASCII)


def shows(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first moment at which the clock there shows `wall`, or more where it skips that."""
    after = _instant(wall, zone, fold=0)
    if _wall(after, zone) == wall:
        return after
    before = _instant(wall, zone, fold=1)
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        before, after = (middle, after) if _wall(middle, zone) < wall else (before, middle)
    return after.replace(microsecond=0)


def shows_again(wall: datetime, zone: ZoneInfo) -> list[datetime]:
    """The second moment, in the night that has two of it."""
    second = _instant(wall, zone, fold=1)
    return [second] if second > _instant(wall, zone, fold=0) else []


def weekday(word: str) -> int | None:
    """0 for `mon`, `monday`, what lies between, and `mondays`."""
    plain = word.lower()
    plain = plain.removesuffix("s") if plain.endswith("days") else plain
    return next((n for n, name in enumerate(DAYS) if len(plain) > 2 and name.startswith(plain)), None)


def day_named(name: str) -> int:
    """ValueError for what is none."""
    found = weekday(name)
    if found is None:
        raise ValueError(name)
    return found


def weekdays(text: str) -> tuple[int, ...]:
    """`mon-thu`, `mon,wed`, `fri-mon`. ValueError where any part is no day."""
    return tuple(day for part in text.split(",") for day in _range(part))


def clock(text: str) -> time:
    """`9:00`, `09:00`, `9am`, `9:30pm`. ValueError for what is no time of day."""
    found = TIME.fullmatch(text)
    if found is None:
        raise ValueError(text)
    hours, half = int(found[1]), found[3]
    if half and not 1 <= hours <= 12:
        raise ValueError(text)
    return time(hours % 12 + 12 * (half == "pm") if half else hours, int(found[2] or 0))


def calendar_date(text: str) -> date:
    """`2026-12-24` alone: other ways of writing it are read in several ways."""
    if not DATE.fullmatch(text):
        raise ValueError(text)
    return date.fromisoformat(text)


def _range(text: str) -> list[int]:
    first, dash, last = text.partition("-")
    start = day_named(first)
    end = day_named(last) if dash else start
    return [(start + n) % 7 for n in range((end - start) % 7 + 1)]


def _instant(wall: datetime, zone: ZoneInfo, *, fold: int) -> datetime:
    return wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)


def _wall(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)
