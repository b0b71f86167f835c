"""When an order is to be carried out, and until when something holds: by the clock of a time zone."""

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from msgspec import Struct

from bot.core.errors import UsageError
from bot.core.heard import FILLERS, Heard, hear
from bot.core.wall import ONE_DAY, shows, shows_again
from bot.core.words import clip, duration

FARTHEST = timedelta(days=366)
LONG_AGO = timedelta(days=3660)
COUNTED = 1_000
UNTIL = "for 2h, until 18:30, until tomorrow, until monday 9:00 or until 2026-12-24"
SINCE = "2h, 7d, yesterday, monday, 14:00 or 2026-11-01"
MOST_WORDS = 8
_HALF = re.compile(r"(?<=\d)\s+(?=[ap]m\b)")
AT, EVERY = "at 09:00 tomorrow status", "every weekday 09:00 status"


class Timing(Struct, frozen=True):
    """Once on `day`, or on each of `days` (Monday is 0); so many minutes into the day, by the clocks of `zone`."""

    minutes: int
    zone: str
    day: date | None = None
    days: tuple[int, ...] = ()

    @property
    def clock(self) -> str:
        return f"{self.minutes // 60:02}:{self.minutes % 60:02}"

    def wall(self, day: date) -> datetime:
        return datetime.combine(day, time(*divmod(self.minutes, 60)))

    def on(self, day: date) -> datetime:
        return shows(self.wall(day), ZoneInfo(self.zone))


def following(timing: Timing, after: datetime) -> datetime | None:
    """The first moment of it later than that; None where it is over."""
    if timing.day is not None:
        moment = timing.on(timing.day)
        return moment if moment > after else None
    first = after.astimezone(ZoneInfo(timing.zone)).date() - ONE_DAY
    days = (first + n * ONE_DAY for n in range(10))
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
    heard, order = _with_order(text, "at")
    if heard.rule:
        raise UsageError(f"every {heard.rule_as_typed} is a rule, and at is for once.", hint=f"every {text}")
    timings = _once(heard, now, zone)
    timing = next((t for t in timings if following(t, now)), timings[-1])
    _refuse_impossible(timing, now, order)
    return timing, order


def read_often(text: str, zone: str) -> tuple[Timing, str]:
    """`weekday 18:00 scale …` → those moments, and the order behind them."""
    heard, order = _with_order(text, "every")
    try:
        days = heard.weekdays()
    except ValueError:
        raise UsageError("every is for days of the week.", hint=f"at {text}") from None
    if not days:
        raise UsageError(
            "every needs to know which days.",
            fact="day, weekday, weekend, or names such as monday or mon-thu.",
            hint=f"every weekday {text}" if heard.minutes is not None else EVERY,
        )
    return Timing(_minutes(heard, EVERY), heard.zone or zone, days=days), order


def spoken(words: Sequence[str]) -> int:
    """How many of these words, from the first on, say a length of time or a moment."""
    return next((n for n in range(min(len(words), MOST_WORDS), 0, -1) if _says_time(list(words[:n]))), 0)


def since(words: str, now: datetime, zone: str, *, hint: str = "") -> datetime:
    """`2h`, `1 hour`, `yesterday`, `monday`, `14:00`, `2026-11-01`: the last such moment, of a day its beginning."""
    try:
        found = _since(_plain(words), now.astimezone(UTC), zone)
    except (UsageError, ValueError, OverflowError):
        raise UsageError(
            f"{clip(words)} is no length of time, and no moment.", fact=f"It is such as {SINCE}.", hint=hint
        ) from None
    if found > now:
        raise UsageError(f"{found.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} is still ahead.", hint=hint)
    return found


def until(words: str, now: datetime, zone: str, *, hint: str = "") -> datetime:
    """`for 2h`, `until 18:30`, `until monday 9:00`, `until 2026-12-24`: a day without a time is over at its end.

    `hint` is the order with a good ending, for who wrote a bad one.
    """
    fact = f"It is such as {UNTIL}."
    try:
        found = _until(_plain(words), now.astimezone(UTC), zone)
    except UsageError as error:
        raise UsageError(error.sentence, fact=fact, hint=hint) from None
    except (ValueError, OverflowError):
        raise UsageError(f"{clip(words) or 'Nothing'} is no moment.", fact=fact, hint=hint) from None
    if found <= now:
        raise UsageError(f"{found.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} is over.", fact=fact, hint=hint)
    if found - now > FARTHEST:
        raise UsageError(f"{clip(words)} is more than a year away.", fact=fact, hint=hint)
    return found


def _plain(words: str) -> str:
    return _HALF.sub("", words.strip().lower())


def _until(words: str, now: datetime, zone: str) -> datetime:
    """The first that lies ahead of those that may be meant, else the last of them; of a clock that goes back, both."""
    if words.startswith("for "):
        return now + duration(words.removeprefix("for "))
    heard, more = hear(words.removeprefix("until"))
    if more or heard.rule:
        raise ValueError(words)
    there = ZoneInfo(heard.zone or zone)
    if heard.minutes is None and heard.named:
        days = heard.days(now.astimezone(there).date())
        walls = [datetime.combine(day + ONE_DAY, time()) for day in days]
    else:
        walls = [timing.wall(timing.day) for timing in _once(heard, now, zone) if timing.day]
    found = [moment for wall in walls for moment in (shows(wall, there), *shows_again(wall, there))]
    return next((moment for moment in found if moment > now), found[-1])


def _since(words: str, now: datetime, zone: str) -> datetime:
    """The last that lies behind of those that may be meant, else the first of them."""
    with suppress(ValueError):
        return now - min(duration(words.removesuffix(" ago")), LONG_AGO)
    heard, more = hear(words)
    if more or heard.rule or (heard.minutes is None and not heard.named):
        raise ValueError(words)
    there = ZoneInfo(heard.zone or zone)
    clock = time(*divmod(heard.minutes or 0, 60))
    days = heard.days(now.astimezone(there).date(), -ONE_DAY)
    found = [shows(datetime.combine(day, clock), there) for day in days]
    return next((moment for moment in found if moment <= now), found[0])


def _says_time(words: list[str]) -> bool:
    said = _plain(" ".join(words))
    with suppress(ValueError):
        return bool(duration(said.removesuffix(" ago")) + ONE_DAY)
    try:
        heard, more = hear(said)
    except UsageError:
        return False
    return not more and words[-1] not in FILLERS and (heard.minutes is not None or bool(heard.named))


def _with_order(text: str, verb: str) -> tuple[Heard, str]:
    heard, order = hear(text)
    if not order:
        raise UsageError("The order itself is missing.", hint=f"{verb} {clip(text)} status")
    return heard, order


def _once(heard: Heard, now: datetime, zone: str) -> list[Timing]:
    zone = heard.zone or zone
    today = now.astimezone(ZoneInfo(zone)).date()
    return [Timing(_minutes(heard), zone, day) for day in heard.days(today)]


def _minutes(heard: Heard, hint: str = AT) -> int:
    if heard.minutes is None:
        raise UsageError("At what time?", fact="A time is written as 09:00.", hint=hint)
    return heard.minutes


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
            fact=f"They go to {there:%H:%M}.",
        )
