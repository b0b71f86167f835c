"""Where an event is told: in the service's own channels, unless routes say otherwise."""

from collections.abc import Collection, Iterable, Iterator
from itertools import chain

from bot.core.catalogue import ANY, Catalogue, Happening, Route
from bot.core.events import (
    AlertRaised,
    BuildChanged,
    Committed,
    Event,
    IncidentChanged,
    Rollout,
    RolloutChanged,
    TagFound,
)
from bot.core.model import Place
from bot.core.transitions import NAMES
from bot.core.workload import Phase

FAILURE, ALWAYS, HERE = "failure", "always", "@here"
NEWS = frozenset({ALWAYS, "change"})
TROUBLE, ENDED = NEWS | {"failure"}, NEWS | {"fixed"}
GENERAL = ("failure", "regression", "success", "unstable", "change", ALWAYS)
"""Occasions that hold others, the narrowest first."""
_VERDICTS = {
    Phase.FAILED: frozenset({"failure", "change"}),
    Phase.STUCK: frozenset({"failure", "change"}),
    Phase.PROVEN: frozenset({"success", "change"}),
}
OCCASIONS = {
    Happening.MERGE: NEWS,
    Happening.BUILD: NAMES,
    Happening.IMAGE: NEWS,
    Happening.ROLLOUT: NEWS.union(*_VERDICTS.values()),
    Happening.INCIDENT: TROUBLE | ENDED,
    Happening.ALERT: TROUBLE | ENDED,
}


def places(event: Event, catalogue: Catalogue, platforms: Collection[str]) -> list[Place]:
    """What a route takes is its alone, also where it keeps silent; what none takes goes to the service's channels."""
    taking = [route for route in catalogue.routes if takes(route, event)]
    service = catalogue.services.get(service_of(event))
    told = [route.to for route in taking if speaks(route, event)]
    if not taking and service:
        told = [{platform: (channel,) for platform, channel in service.channels.items()}]
    found = chain.from_iterable(_places(to, platforms) for to in told)
    return list(dict.fromkeys(found))


def calls(event: Event, catalogue: Catalogue, platforms: Collection[str]) -> dict[Place, tuple[str, ...]]:
    """Who is called there when something fails."""
    found: dict[Place, dict[str, None]] = {}
    if FAILURE in occasions(event):
        for route in catalogue.routes:
            if route.mention and takes(route, event) and speaks(route, event):
                for place in _places(route.to, platforms):
                    whom = _people(route.mention, catalogue, place.platform)
                    found.setdefault(place, {}).update(dict.fromkeys(whom))
    return {place: tuple(whom) for place, whom in found.items() if whom}


def wording(event: Event, catalogue: Catalogue, platforms: Collection[str]) -> dict[Place, str]:
    """The words of the first route that has some for it. What it says once is said anew there, also where it would
    keep silent by then."""
    found: dict[Place, str] = {}
    for route in catalogue.routes:
        text = _words(route, event)
        if text and takes(route, event):
            found = dict.fromkeys(_places(route.to, platforms), text) | found
    return found


def _words(route: Route, event: Event) -> str | None:
    """Those of the narrowest occasion."""
    words, happens = route.words.get(happening(event), {}), occasions(event)
    fitting = [name for name in words if name in happens]
    narrowest = min(fitting, key=lambda name: GENERAL.index(name) if name in GENERAL else -1, default=None)
    return words[narrowest] if narrowest else None


def takes(route: Route, event: Event) -> bool:
    environment = environment_of(event)
    return (
        (not route.events or happening(event) in route.events)
        and (ANY in route.services or service_of(event) in route.services)
        and (ANY in route.environments or environment is None or environment in route.environments)
    )


def speaks(route: Route, event: Event) -> bool:
    """No occasions are every occasion."""
    return not route.when or not occasions(event).isdisjoint(route.when)


def happening(event: Event) -> Happening:
    match event:
        case BuildChanged():
            return Happening.BUILD
        case TagFound():
            return Happening.IMAGE
        case Committed():
            return Happening.MERGE
        case RolloutChanged():
            return Happening.ROLLOUT
        case IncidentChanged():
            return Happening.INCIDENT
        case AlertRaised():
            return Happening.ALERT


def service_of(event: Event) -> str:
    match event:
        case RolloutChanged(rollout):
            return rollout.service
        case IncidentChanged(incident):
            return incident.service
        case TagFound(service=service) | Committed(service=service) | BuildChanged(service=service):
            return service
        case AlertRaised(service=service):
            return service


def environment_of(event: Event) -> str | None:
    """Builds, images and merges are of none yet, and an alert may be of any."""
    match event:
        case RolloutChanged(rollout):
            return rollout.target.environment
        case IncidentChanged(incident):
            return incident.target.environment
        case _:
            return None


def occasions(event: Event) -> frozenset[str]:
    match event:
        case BuildChanged(occasions=occasions):
            return occasions
        case RolloutChanged(rollout):
            return verdicts(rollout)
        case IncidentChanged(incident):
            return ENDED if incident.calm_since or incident.over else TROUBLE
        case AlertRaised(group):
            return TROUBLE if group.firing else ENDED
        case _:
            return NEWS


def verdicts(rollout: Rollout) -> frozenset[str]:
    return _VERDICTS.get(rollout.phase, frozenset()) | {ALWAYS}


def _people(mention: Iterable[str], catalogue: Catalogue, platform: str) -> Iterator[str]:
    """Those whom the platform can name: Slack goes by ids alone, Webex by addresses."""
    for one in mention:
        if one == HERE:
            yield one
        elif one.startswith("@"):
            yield from _people(catalogue.teams.get(one[1:], ()), catalogue, platform)
        elif one.startswith(f"{platform}:"):
            yield one
        elif platform == "webex" and ":" not in one and "@" in one:
            yield f"webex:{one}"


def _places(to: dict[str, tuple[str, ...]], platforms: Collection[str]) -> list[Place]:
    return [Place(platform, channel) for platform, there in to.items() if platform in platforms for channel in there]
