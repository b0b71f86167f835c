"""The words that people type for a moment or for a rule, understood one by one; what follows them is an order."""

import re
from datetime import date, timedelta
from zoneinfo import available_timezones

from bot.core.errors import UsageError
from bot.core.nearest import nearest
from bot.core.wall import DATE, ONE_DAY, TIME, calendar_date, clock, weekday, weekdays
from bot.core.words import UNIT, clip

WORKDAYS, WEEKEND, EVERY_DAY = (0, 1, 2, 3, 4), (5, 6), (0, 1, 2, 3, 4, 5, 6)
_GROUPS = {"day": EVERY_DAY, "weekday": WORKDAYS, "workday": WORKDAYS, "weekend": WEEKEND}
_SHIFTS = {"today": timedelta(), "tomorrow": ONE_DAY, "yesterday": -ONE_DAY}
_NAMED = {"noon": "12:00", "midnight": "00:00"}
_HOUR = re.compile(r"[01]?\d|2[0-3]", re.ASCII)
_LENGTH = re.compile(rf"\s*{UNIT}", re.IGNORECASE)
FILLERS = frozenset({"at", "on", "and", "next", "the"})
_WORD = re.compile(r"\S+")
_JOINED = re.compile(r"(?<=\d)[Tt](?=\d)", re.ASCII)


class Heard:
    """What was understood so far: one time, days that are named, days that make a rule, whose clock."""

    def __init__(self) -> None:
        self.minutes: int | None = None
        self.zone = ""
        self.named: list[date | timedelta | int] = []
        self.rule: tuple[int, ...] = ()
        self.rule_as_typed = ""

    def takes(self, word: str) -> bool:
        return all(self._takes(part) for part in _JOINED.split(_NAMED.get(word.lower(), word)))

    def takes_hour(self, word: str) -> bool:
        return bool(_HOUR.fullmatch(word)) and self._time(f"{word}:00")

    def days(self, today: date, step: timedelta = ONE_DAY) -> list[date]:
        """Those that may be meant, the likeliest first; `step` leads into the future or the past."""
        match self.named:
            case []:
                return [today, today + step]
            case [date() as day]:
                return [day]
            case [timedelta() as shift]:
                return [today + shift]
            case [int() as number]:
                first = today + step * ((number - today.weekday()) * step.days % 7)
                return [first, first + 7 * step]
        raise UsageError("That names more than one day.", hint="every monday and thursday 09:00 status")

    def weekdays(self) -> tuple[int, ...]:
        """Those of a rule. ValueError where a day is named that does not come back."""
        days = [day for day in self.named if isinstance(day, int)]
        if days != self.named:
            raise ValueError
        return tuple(sorted({*self.rule, *days}))

    def _takes(self, word: str) -> bool:
        plain = word.lower().strip(",")
        return plain in FILLERS or self._time(plain) or self._day(plain) or self._days(plain) or self._zone(word)

    def _time(self, word: str) -> bool:
        if not TIME.fullmatch(word):
            return False
        try:
            at = clock(word)
        except ValueError:
            raise UsageError(
                f"{word} is not a time.", fact="A day goes from 00:00 to 23:59.", hint="at 09:00 tomorrow status"
            ) from None
        if self.minutes is not None:
            raise UsageError(f"{word} is a second time.", hint="One order has one time.")
        self.minutes = at.hour * 60 + at.minute
        return True

    def _day(self, word: str) -> bool:
        found = _date(word) if DATE.fullmatch(word) else _SHIFTS.get(word, weekday(word))
        if found is None:
            return False
        self.named.append(found)
        return True

    def _days(self, word: str) -> bool:
        found = _GROUPS.get(word) or _GROUPS.get(word.removesuffix("s")) or _listed(word)
        if found:
            self.rule = (*self.rule, *found)
            self.rule_as_typed = word
        return bool(found)

    def _zone(self, word: str) -> bool:
        if word.upper() in ("UTC", "GMT"):
            self.zone = "UTC"
        elif "/" in word.strip("/") and not word.startswith("/"):
            self.zone = _zone_named(word.strip(","))
        else:
            return False
        return True


def hear(text: str) -> tuple[Heard, str]:
    """Up to the first word that is no part of a time; and the words from there on."""
    heard, position = Heard(), 0
    for found in _WORD.finditer(text):
        a_length = _LENGTH.match(text, found.end())
        if not (heard.takes(found[0]) or (not a_length and heard.takes_hour(found[0]))):
            break
        position = found.end()
    return heard, text[position:].strip()


def _listed(word: str) -> tuple[int, ...]:
    try:
        return weekdays(word)
    except ValueError:
        return ()


def _date(word: str) -> date:
    try:
        return calendar_date(word)
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
