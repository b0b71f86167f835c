"""Numbers and times as people read them, said the same way in every answer."""

import re
from datetime import datetime, timedelta, tzinfo
from math import ceil

_SECOND, _MINUTE, _HOUR, _DAY = 1, 60, 3600, 86400
_BAR = 18
WEEK = 7
_NAMES = ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min"), (_SECOND, "s"))
_UNITS = {"s": _SECOND, "m": _MINUTE, "h": _HOUR, "d": _DAY, "w": 7 * _DAY}
UNIT = "(?:(seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|[smhdw])(?![a-z]))"
_DURATION = re.compile(rf"(?:and\s+)?(\d{{1,6}}|an?\b|one\b|half an?\b)\s*{UNIT}[\s,]*", re.ASCII)
_SAID = {"a": 1.0, "an": 1.0, "one": 1.0, "half a": 0.5, "half an": 0.5}


def span(length: float | timedelta) -> str:
    """How long something took: `0.4 s`, `52 s`, `3 min 5 s`, `2 h 10 min`. Two units are enough."""
    seconds = length.total_seconds() if isinstance(length, timedelta) else length
    if 0 < seconds < 1:
        return f"{max(0.1, int(seconds * 10) / 10)} s"
    left = max(0, int(seconds))
    parts: list[tuple[int, str]] = []
    for size, name in _NAMES:
        parts.append((left // size, name))
        left %= size
    first = next((i for i, (count, _) in enumerate(parts) if count), len(parts) - 1)
    shown = [parts[first], *(part for part in parts[first + 1 : first + 2] if part[0])]
    return " ".join(f"{count} {name}" for count, name in shown)


def ago(then: datetime, now: datetime) -> str:
    """`just now`, `38 s ago`, `2 h ago`; what lies ahead is `in 1 h 59 min`: people plan with it."""
    seconds = (now - then).total_seconds()
    if abs(seconds) < 1:
        return "just now"
    return f"{_largest(seconds)} ago" if seconds > 0 else f"in {span(ceil(-seconds))}"


def age(then: datetime, now: datetime) -> str:
    """The same for a narrow column: `38 s`, `4 m`, `5 h`, `2 d`; what lies ahead says so there too."""
    return ago(then, now) if then > now else _largest((now - then).total_seconds()).replace("min", "m")


def clock(moment: datetime, now: datetime, zone: tzinfo) -> str:
    """`14:32` today, `Mon 08:00` within the week, else with its date."""
    local, today = moment.astimezone(zone), now.astimezone(zone).date()
    ahead = (local.date() - today).days
    day = "" if not ahead else "%a " if 0 < ahead < WEEK else "%a %Y-%m-%d "
    return f"{local:{day}%H:%M}"


def _largest(seconds: float) -> str:
    size, name = next((pair for pair in _NAMES if seconds >= pair[0]), _NAMES[-1])
    return f"{int(seconds // size)} {name}"


def duration(text: str) -> timedelta:
    """`2h`, `90 s`, `1h30m`, `2 hours`, `half an hour`: the other way round, as people type it. ValueError for
    anything else."""
    typed = " ".join(text.lower().split())
    seconds, position = 0.0, 0
    while found := _DURATION.match(typed, position):
        seconds += (_SAID.get(found[1]) or int(found[1])) * _UNITS[found[2][0]]
        position = found.end()
    if not position or position != len(typed):
        raise ValueError(f"{text!r} is not a duration such as 30s, 10m, 2h or 1d")
    return timedelta(seconds=seconds)


def bar(done: int, total: int) -> str:
    """Looks full only when it is."""
    if total <= 0 or done >= total:
        return "█" * _BAR
    filled = max(0, done) * _BAR // total
    return "█" * filled + "░" * (_BAR - filled)


def count(number: int, noun: str, plural: str = "") -> str:
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def times(number: int) -> str:
    return "once" if number == 1 else f"{number:,} times"


def clip(text: str, most: int = 40) -> str:
    """What a person typed, short enough to be repeated to them."""
    return text if len(text) <= most else text[: most - 1] + "…"
