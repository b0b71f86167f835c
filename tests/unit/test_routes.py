"""Where an event is told: by the routes that take it, else in the service's own channels."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bot.core.catalogue import Catalogue, Environment, Happening, Route, Service
from bot.core.events import (
    Build,
    BuildChanged,
    BuildPhase,
    Commit,
    Committed,
    Event,
    Incident,
    IncidentChanged,
    Rollout,
    RolloutChanged,
    TagFound,
)
from bot.core.model import Place
from bot.core.routes import calls, places
from bot.core.workload import Image, Kind, Phase, Target
from config import ConfigError, load

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
OWN = [Place("slack", "C1"), Place("webex", "Y1")]
BUILD = Build("jenkins", "adder", 418, BuildPhase.FINISHED, AT)
TARGET = Target("production", "main", "micro", Kind.DEPLOYMENT, "adderservice")
ROLLOUT = Rollout("r", TARGET, "adderservice", "deploy", 1, "t", "b", "a", Phase.PROGRESSING, 0, 1, AT, AT)
FOUND = TagFound("adderservice", Image("registry/adder", "1"))
COMMIT = Committed(Commit("github", "team/adder", "3f2a91c", AT, "Round"), "adderservice")
BOTH = frozenset({"slack", "webex"})


def built(*occasions: str, service: str = "adderservice") -> BuildChanged:
    return BuildChanged(BUILD, service, frozenset({"always", *occasions}))


def rolled(phase: Phase = Phase.PROGRESSING, environment: str = "production") -> RolloutChanged:
    return RolloutChanged(replace(ROLLOUT, phase=phase, target=replace(TARGET, environment=environment)))


def told(event: Event, *routes: Route) -> list[Place]:
    environments = {name: Environment(name, "main", name) for name in ("staging", "production")}
    services = {
        "adderservice": Service("adderservice", channels={"slack": "C1", "webex": "Y1"}),
        "webapp": Service("webapp"),
    }
    return places(event, Catalogue(environments, services, routes=routes), BOTH)


def route(channel: str = "C9", **words: Any) -> Route:
    return Route({"slack": (channel,)}, **words)


@pytest.mark.parametrize("event", [built(), rolled(), FOUND, COMMIT])
def test_without_a_route_it_goes_to_the_services_own_channels(event: Event) -> None:
    assert told(event) == OWN
    assert told(event, route(services=("webapp",))) == OWN


def test_what_belongs_to_no_service_goes_nowhere_unless_a_route_takes_it() -> None:
    assert told(built(service="")) == told(built(service="webapp")) == []
    assert told(built(service=""), route()) == [Place("slack", "C9")]


@pytest.mark.parametrize(
    ("words", "takes"),
    [
        ({}, [True, True, True, True]),
        ({"events": (Happening.BUILD,)}, [True, False, False, False]),
        ({"events": (Happening.ROLLOUT, Happening.IMAGE)}, [False, True, True, False]),
        ({"services": ("webapp",)}, [False, False, False, False]),
        ({"services": ("adderservice", "webapp")}, [True, True, True, True]),
        ({"environments": ("production",)}, [True, True, True, True]),
        ({"environments": ("staging",)}, [True, False, True, True]),
    ],
)
def test_a_route_takes_by_kind_service_and_environment(words: dict[str, Any], takes: list[bool]) -> None:
    found = [told(event, route(**words)) for event in (built(), rolled(), FOUND, COMMIT)]
    assert found == [[Place("slack", "C9")] if taken else OWN for taken in takes]


@pytest.mark.parametrize(
    ("when", "event", "speaks"),
    [
        (("failure",), built("still failing", "failure"), True),
        (("change", "fixed"), built("still failing", "failure"), False),
        (("failure", "fixed"), built("fixed", "success", "change"), True),
        (("failure",), built("started"), False),
        (("always",), built("started"), True),
        (("failure",), rolled(), False),
        (("failure",), rolled(Phase.STUCK), True),
        (("failure",), rolled(Phase.FAILED), True),
        (("success",), rolled(Phase.PROVEN), True),
        (("failure",), FOUND, False),
        (("change",), FOUND, True),
    ],
)
def test_where_it_keeps_silent_nobody_else_speaks(when: tuple[str, ...], event: Event, speaks: bool) -> None:
    assert told(event, route(when=when)) == ([Place("slack", "C9")] if speaks else [])


TROUBLE = Incident("i", TARGET, "adderservice", "oom", "Killed for memory.", AT, AT)


@pytest.mark.parametrize(
    ("event", "failing"),
    [
        (IncidentChanged(TROUBLE), True),
        (IncidentChanged(replace(TROUBLE, calm_since=AT)), False),
        (IncidentChanged(replace(TROUBLE, over=True)), False),
    ],
)
def test_trouble_outside_a_rollout_is_of_its_environment(event: Event, failing: bool) -> None:
    assert told(event, route(environments=("staging",))) == OWN
    only = route(events=(Happening.INCIDENT,), environments=("production",), when=("failure",))
    assert told(event, only) == ([Place("slack", "C9")] if failing else [])


def test_several_routes_tell_several_places_and_each_once() -> None:
    both = Route({"slack": ("C8", "C9"), "webex": ("Y9",), "console": ("x",)})
    assert told(FOUND, route(), both) == [Place("slack", "C9"), Place("slack", "C8"), Place("webex", "Y9")]


CONFIG = """
clusters: {main: {simulated: true}}
environments: {production: {cluster: main, namespace: micro}}
services: {adderservice: {}}
routes:
  - {events: [build], services: [adderservice], when: [failure, still failing], to: {slack: C1, webex: [Y1, Y2]}}
  - {environments: [production], to: {slack: C2}}
"""


def test_routes_are_read_from_the_configuration(tmp_path: Path) -> None:
    path = tmp_path / "bot.yaml"
    path.write_text(CONFIG)
    first, second = load(path, {}).catalogue().routes
    assert first.to == {"slack": ("C1",), "webex": ("Y1", "Y2")}
    assert (first.events, first.when) == ((Happening.BUILD,), ("failure", "still failing"))
    assert (second.events, second.services, second.environments) == ((), ("*",), ("production",))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "[build]",
            "[biuld]",
            'routes[0].events[0]: "biuld" is not one of merge, build, image, rollout',
        ),
        ("[adderservice]", "[addersrvice]", 'routes[0].services[0]: "addersrvice" is not the name of a service'),
        ("[production]", "[prod]", 'routes[1].environments[0]: "prod" is not the name of an environment'),
        ("[failure,", "[failed,", 'routes[0].when[0]: "failed" is not one of aborted, always, '),
        ("to: {slack: C2}", "to: {}", "routes[1].to: names no channel"),
        (", to: {slack: C2}", "", "routes[1].to: is missing"),
        ("{slack: C2}", "{slak: C2}", "routes[1].to.slak: unknown key; did you mean slack"),
    ],
)
def test_the_mistakes_in_routes(old: str, new: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "bot.yaml"
    assert old in CONFIG
    path.write_text(CONFIG.replace(old, new))
    with pytest.raises(ConfigError) as caught:
        load(path, {})
    assert any(line.startswith(told) for line in caught.value.fact.splitlines()), caught.value.fact


def called(event: Event, *mention: str, **words: Any) -> dict[Place, tuple[str, ...]]:
    teams: dict[str, tuple[str, ...]] = {"oncall": ("ann@example.com", "slack:U0ANN")}
    route = Route({"slack": ("C9",), "webex": ("Y9",)}, mention=mention, **words)
    return calls(event, Catalogue({}, routes=(route,), teams=teams), BOTH)


@pytest.mark.parametrize("event", [rolled(Phase.FAILED), rolled(Phase.STUCK), built("failure")])
def test_whom_a_route_names_is_called_when_something_fails(event: Event) -> None:
    assert called(event, "@oncall", "slack:S0ONCALL") == {
        Place("slack", "C9"): ("slack:U0ANN", "slack:S0ONCALL"),
        Place("webex", "Y9"): ("webex:ann@example.com",),
    }
    assert called(event, "@here") == {Place("slack", "C9"): ("@here",), Place("webex", "Y9"): ("@here",)}
    assert called(event) == called(event, "@oncall", services=("webapp",)) == {}


@pytest.mark.parametrize("event", [rolled(), rolled(Phase.PROVEN), rolled(Phase.SUPERSEDED), built("fixed"), FOUND])
def test_nobody_is_called_for_anything_else(event: Event) -> None:
    assert called(event, "@oncall", "@here") == {}


@pytest.mark.parametrize(
    ("whom", "where"), [("slack:U0ANN", ("slack", "C9")), ("webex:a@example.com", ("webex", "Y9"))]
)
def test_who_is_on_one_platform_is_called_there(whom: str, where: tuple[str, str]) -> None:
    assert called(rolled(Phase.FAILED), whom) == {Place(*where): (whom,)}


@pytest.mark.parametrize(
    ("mention", "found"),
    [
        ('"@onkall"', "the name of a team"),
        ('"*"', "@here, a team such as @oncall"),
        ('"everybody <now>"', "@here, a team such as @oncall"),
        ('"console:operator"', "@here, a team such as @oncall"),
    ],
)
def test_a_mention_of_nobody_is_refused(tmp_path: Path, mention: str, found: str) -> None:
    path = tmp_path / "q.yaml"
    path.write_text(
        "clusters: {a: {simulated: true}}\nenvironments: {p: {cluster: a, namespace: p}}\nservices: {a: {}}\n"
        f"teams: {{oncall: [ann@example.com]}}\nroutes: [{{to: {{slack: C1}}, mention: {{failure: {mention}}}}}]\n"
    )
    with pytest.raises(ConfigError) as caught:
        load(path, {})
    assert found in caught.value.fact
