"""Moments as people write them, and as a clock on the wall shows them.

A time that the clock skips is the moment of the leap; one that it shows twice is the first of the two.
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.core.errors import UsageError
from bot.core.words import clip, duration

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
FARTHEST = timedelta(days=366)
UNTIL = "for 2h, until 18:30, until tomorrow 9:00, until monday 9:00 or until 2026-12-24"
AT = "in 2h, 18:30, tomorrow 9:00, monday 9:00 or 2026-12-24 9:00"
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)
_DATE = re.compile(r"2\d{3}-\d\d-\d\d", re.ASCII)
_JOINED = re.compile(r"(?<=\d)[Tt](?=\d)", re.ASCII)
_FILLERS = frozenset({"at", "on"})
_DAY = timedelta(days=1)
Reader = Callable[[str, datetime, ZoneInfo], datetime]


def until(words: str, now: datetime, zone: ZoneInfo, *, hint: str = "") -> datetime:
    """`for 2h`, `until 18:30`, `until monday 9:00`, `until 2026-12-24`: a day without a time is over at its end.

    `hint` is the order with a good ending, for who wrote a bad one.
    """
    return _read(_until, words, now, zone, (UNTIL, hint))


def moment(words: str, now: datetime, zone: ZoneInfo, *, hint: str = "") -> datetime:
    """`in 2h`, `18:30`, `tomorrow 9:00`, `at 9:00 on monday`, `2026-12-24 9:00`: the next one from now."""
    return _read(_moment, words, now, zone, (AT, hint))


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


def weekday(word: str) -> int | None:
    """0 for `mon`, `monday` and what lies between."""
    return next((n for n, name in enumerate(WEEKDAYS) if len(word) > 2 and name.startswith(word.lower())), None)


def clock(text: str) -> time:
    """ValueError for what is no time of day."""
    found = _CLOCK.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return time(int(found[1]), int(found[2]))


def calendar_date(text: str) -> date:
    """`2026-12-24` alone: other ways of writing it are read in several ways."""
    if not _DATE.fullmatch(text):
        raise ValueError(text)
    return date.fromisoformat(text)


def _read(read: Reader, words: str, now: datetime, zone: ZoneInfo, advice: tuple[str, str]) -> datetime:
    examples, hint = advice
    fact = f"It is such as {examples}."
    try:
        found = read(words.strip().lower(), now.astimezone(UTC), zone)
    except (ValueError, OverflowError):
        raise UsageError(f"{clip(words) or 'Nothing'} is no moment.", fact=fact, hint=hint) from None
    if found <= now:
        raise UsageError(f"{found.astimezone(zone):%Y-%m-%d %H:%M} is over.", fact=fact, hint=hint)
    if found - now > FARTHEST:
        raise UsageError(f"{clip(words)} is more than a year away.", fact=fact, hint=hint)
    return found


def _until(words: str, now: datetime, zone: ZoneInfo) -> datetime:
    if words.startswith("for "):
        return now + duration(words.removeprefix("for "))
    text = words.removeprefix("until").strip()
    if _DATE.fullmatch(text):
        return shows(datetime.combine(calendar_date(text) + _DAY, time()), zone)
    return _at(text, now, zone)


def _moment(words: str, now: datetime, zone: ZoneInfo) -> datetime:
    return now + duration(words.removeprefix("in ")) if words.startswith("in ") else _at(words, now, zone)


def _at(words: str, now: datetime, zone: ZoneInfo) -> datetime:
    """The first that lies ahead of those that may be meant, else the last of them."""
    spoken = [word for word in _JOINED.sub(" ", words).split() if word not in _FILLERS]
    clocks = [word for word in spoken if ":" in word]
    days = [word for word in spoken if ":" not in word]
    if len(clocks) != 1 or len(days) > 1:
        raise ValueError(words)
    at = clock(clocks[0])
    found = [m for day in _days(days, _wall(now, zone).date()) for m in _showing(datetime.combine(day, at), zone)]
    return next((moment for moment in found if moment > now), found[-1])


def _days(said: list[str], today: date) -> list[date]:
    if not said:
        return [today, today + _DAY]
    named = {"today": today, "tomorrow": today + _DAY}.get(said[0])
    if named:
        return [named]
    number = weekday(said[0])
    if number is None:
        return [calendar_date(said[0])]
    first = today + _DAY * ((number - today.weekday()) % 7)
    return [first, first + 7 * _DAY]


def _showing(wall: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """Every moment at which the clock shows it; the leap where it never does."""
    first, second = shows(wall, zone), _instant(wall, zone, fold=1)
    yield first
    if second > first:
        yield second


def _instant(wall: datetime, zone: ZoneInfo, *, fold: int) -> datetime:
    return wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)


def _wall(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)
