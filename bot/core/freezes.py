"""When nothing new goes to an environment: freezes that people call, windows of the configuration, and all the time
outside the windows in which it may. What closes wins over what opens."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, tzinfo

from bot.core.catalogue import ANY, Catalogue
from bot.core.guards import Freeze
from bot.core.model import ALL
from bot.core.windows import Window, free_from, open_from

HOURS = "allow"
MOST_STEPS = 100
_MINUTE = timedelta(minutes=1)


def closing(environment: str, catalogue: Catalogue, called: Sequence[Freeze], now: datetime) -> Freeze | None:
    """What keeps this environment closed now; of several the one that lasts longest."""
    standing = list(closings(environment, catalogue, called, now))
    return max(standing, key=lambda f: (f.until is None, f.until or now), default=None)


def closings(environment: str, catalogue: Catalogue, called: Sequence[Freeze], now: datetime) -> Iterator[Freeze]:
    for freeze in called:
        if freeze.environment in (ALL, environment) and (freeze.until is None or freeze.until > now):
            yield freeze
    for known in catalogue.freezes:
        if _covers(known.environments, environment) and known.window.contains(now):
            ends = free_from([known.window], now)
            yield Freeze(environment, known.reason or known.name, now, ends, name=known.name)
    windows = catalogue.allow.get(environment, ())
    if windows and not any(window.contains(now) for window in windows):
        yield Freeze(environment, _outside(windows), now, open_from(windows, now), name=HOURS)


def opens(environment: str, catalogue: Catalogue, called: Sequence[Freeze], now: datetime) -> datetime | None:
    """The first full minute in which nothing closes it: where one freeze ends, the next may hold."""
    moment = now
    for _ in range(MOST_STEPS):
        found = closing(environment, catalogue, called, moment)
        if found is None:
            return moment
        if found.until is None:
            break
        moment = full_minute(found.until)
    return None


def full_minute(moment: datetime) -> datetime:
    whole = moment.replace(second=0, microsecond=0)
    return whole if whole == moment else whole + _MINUTE


def state(freeze: Freeze) -> str:
    return "closed" if freeze.name == HOURS else "frozen"


def until(freeze: Freeze, zone: tzinfo) -> str:
    """With the word before it; nothing for what ends when somebody ends it."""
    return f" until {freeze.until.astimezone(zone):%a %Y-%m-%d %H:%M %Z}" if freeze.until else ""


def coming(environment: str, catalogue: Catalogue, now: datetime) -> Iterator[Freeze]:
    """The next beginning of each freeze of the configuration that does not hold now."""
    for known in catalogue.freezes:
        starts = known.window.next_start(now)
        if _covers(known.environments, environment) and starts and not known.window.contains(now):
            ends = free_from([known.window], starts)
            yield Freeze(environment, known.reason or known.name, starts, ends, name=known.name)


def _covers(names: Sequence[str], environment: str) -> bool:
    return ANY in names or environment in names


def _outside(windows: Sequence[Window]) -> str:
    return f"open {', '.join(window.text for window in windows)} only ({windows[0].time_zone})"
