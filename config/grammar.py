"""How the small languages inside values are read: durations, schedules, version ranges, image names."""

import re
from datetime import timedelta

from bot.core import references
from bot.core.errors import UsageError
from bot.core.tags.semver import read_range
from bot.core.windows import is_weekly, weekly

_DURATION = re.compile(r"(?:(\d{1,4})d)?(?:(\d{1,5})h)?(?:(\d{1,6})m)?(?:(\d{1,7})s)?", re.ASCII)
_LABEL = r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?"
LABEL = re.compile(_LABEL)
BOT = re.compile(r"B[A-Z0-9]{4,30}")
SUBDOMAIN = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*")
_HOST_LABEL = r"[a-zA-Z0-9](?:[-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?"
_HOST = rf"(?:{_HOST_LABEL}(?:\.{_HOST_LABEL})*|\[[0-9a-fA-F:.]{{2,45}}\])"
HOST = re.compile(_HOST)
HOST_PORT = re.compile(rf"(?P<host>{_HOST})(?::(?P<port>[0-9]{{1,5}}))?")
GLOB = re.compile(r"(?=.{1,128}\Z)[\w.*?\[\]!-]+", re.ASCII)
_SORTED = re.compile(r"(?P<regex>.*\S)\s+by\s+(?P<by>\w+)", re.DOTALL)

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CRON = ((0, 59), (0, 23), (1, 31), (1, 12))
_NUMBERS = re.compile(r"(?:\*|(?P<first>\d{1,2})(?:-(?P<last>\d{1,2}))?)(?:/(?P<step>\d{1,2}))?", re.ASCII)


def duration(text: str) -> timedelta | None:
    """`90s`, `5m`, `1h30m`; None where it is none. A bare number is none: nobody agrees on its unit."""
    found = _DURATION.fullmatch(text)
    if found is None or not text:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def spell_duration(value: timedelta) -> str:
    rest, parts = int(value.total_seconds()), []
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        count, rest = divmod(rest, size)
        parts += [f"{count}{unit}"] if count else []
    return "".join(parts) or "0s"


def cron(text: str) -> str | None:
    """Five fields; the weekday by name only, because 0 is Monday to our scheduler and Sunday to every other."""
    fields = text.lower().split()
    if len(fields) != len(_CRON) + 1:
        return None
    numbers = all(_numbers(_month(f, n), *_CRON[n]) for n, f in enumerate(fields[:-1]))
    return " ".join(fields) if numbers and _weekdays(fields[-1]) else None


def days(text: str) -> str | None:
    """Days of the week and hours of each, as windows in which something is allowed."""
    try:
        return weekly(text, "UTC").text
    except ValueError:
        return None


def hours(text: str) -> str | None:
    """Hours of every day, which leave some of it."""
    try:
        always = weekly(f"daily {text}", "UTC").always
    except ValueError:
        return None
    return None if always else text


def end(text: str) -> str | None:
    """One end of a freeze."""
    try:
        is_weekly(text)
    except ValueError:
        return None
    return text


def version_range(text: str) -> bool:
    try:
        return bool(read_range(text))
    except UsageError:
        return False


def repository(text: str) -> bool:
    """An image name without tag and digest, with or without a registry in front."""
    image = references.image(text)
    try:
        host = references.parse(text).host
    except UsageError:
        return False
    return image.tag is None and image.digest is None and registry(host)


def registry(text: str) -> bool:
    found = HOST_PORT.fullmatch(text)
    return found is not None and (found["port"] is None or 0 < int(found["port"]) <= 65_535)


def sorted_regex(text: str) -> tuple[str, str | None]:
    """`^b(?P<n>\\d+)$ by n` → the expression and the group; tags hold no spaces, so ` by ` is never its part."""
    found = _SORTED.fullmatch(text)
    return (found["regex"], found["by"]) if found else (text, None)


def compiled(text: str) -> re.Pattern[str] | None:
    """A warning (an ambiguous `[[`) counts as an error wherever the interpreter is told to raise it."""
    try:
        return re.compile(text)
    except (re.error, OverflowError, RecursionError, Warning):
        return None


def _numbers(field: str, low: int, high: int) -> bool:
    return all(_range(part, low, high) for part in field.split(","))


def _range(part: str, low: int, high: int) -> bool:
    found = _NUMBERS.fullmatch(part)
    if found is None:
        return False
    first = int(found["first"] or low)
    last = int(found["last"] or (found["first"] if found["first"] and not found["step"] else high))
    step = int(found["step"]) if found["step"] else None
    return low <= first <= last <= high and (step is None or 1 <= step <= last - first)


def _month(field: str, position: int) -> str:
    """Month names as numbers, in the one field that knows them."""
    if position != len(_CRON) - 1:
        return field
    return re.sub("|".join(_MONTHS), lambda name: str(_MONTHS.index(name[0]) + 1), field)


def _weekdays(field: str) -> bool:
    return field == "*" or all(_days(part) for part in field.split(","))


def _days(part: str) -> bool:
    first, dash, last = part.partition("-")
    if first not in _DAYS or (dash and last not in _DAYS):
        return False
    return not dash or _DAYS.index(first) <= _DAYS.index(last)
