"""Is it quiet at this instant, until when, for whom, and what is told after it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.core.catalogue import Catalogue, Environment, Happening, Route, Service
from bot.core.digest import digest, heard, merged, sorted_out
from bot.core.events import Event, Incident, IncidentChanged
from bot.core.model import Button, Field, Message, Place, Reply, Tone
from bot.core.quiet import LOUD, Quiet, quiet_until
from bot.core.windows import DAY, weekly
from bot.core.workload import Phase
from tests.unit.test_routes import BUILD, COMMIT, FOUND, ROLLOUT, TARGET, built, rolled
from tests.unit.test_windows import LEAPS, MADRID, MINUTE, ZONES, brute, clock, moments, times

NIGHT = weekly("daily 22:00-07:00", MADRID)
ELEVEN = datetime(2026, 11, 20, 22, 0, tzinfo=UTC)
SEVEN = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
C9 = Place("slack", "C9")


@pytest.mark.fuzz
@settings(max_examples=25)
@given(st.tuples(times, times).filter(lambda ends: ends[0] != ends[1]), st.sampled_from(ZONES), moments)
@example((22 * 60, 7 * 60), MADRID, LEAPS[0] - 4 * 60 * MINUTE)
@example((22 * 60, 7 * 60), MADRID, LEAPS[1] - 4 * 60 * MINUTE)
@example((125, 155), MADRID, LEAPS[0] - MINUTE)
@example((0, 1439), "Pacific/Apia", LEAPS[6] - MINUTE)
def test_it_is_quiet_while_the_clock_shows_it(hours: tuple[int, int], name: str, now: datetime) -> None:
    """Minute by minute, also in the nights in which the clock leaps."""
    start, end = hours
    window = weekly(f"daily {clock(start)}-{clock(end)}", name)
    held = {(start + n) % DAY for n in range((end - start) % DAY)}
    walked = [(moment, minute % DAY in held) for moment, minute in brute(now, 3 * DAY, ZoneInfo(name))]
    over = None
    ends: dict[datetime, datetime | None] = {}
    for moment, quiet in reversed(walked):
        over = over if quiet else moment
        ends[moment] = over if quiet else None
    for moment, quiet in walked[: 2 * DAY : 97]:
        assert quiet_until(window, moment) == (ends[moment] if quiet else None)


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("2026-03-28 22:00", "2026-03-29 07:00"),
        ("2026-10-24 23:30", "2026-10-25 07:00"),
        ("2026-11-20 21:59", None),
        ("2026-11-21 06:59", "2026-11-21 07:00"),
        ("2026-11-21 07:00", None),
    ],
)
def test_nights_with_a_leap_end_by_the_clock_on_the_wall(at: str, until: str | None) -> None:
    zone = ZoneInfo(MADRID)
    end = datetime.fromisoformat(until).replace(tzinfo=zone) if until else None
    assert quiet_until(NIGHT, datetime.fromisoformat(at).replace(tzinfo=zone)) == end
    assert quiet_until(None, ELEVEN) is None


def told(event: Event, *routes: Route, at: datetime = ELEVEN) -> dict[Place, Quiet]:
    services = {"adderservice": Service("adderservice", channels={"slack": "C1"})}
    environments = {name: Environment(name, "main", name) for name in ("staging", "production")}
    return heard(event, Catalogue(environments, services, routes=routes), {"slack", "webex"}, at)


def route(quiet: bool = True, **words: object) -> Route:
    return replace(Route({"slack": ("C9",)}), quiet=NIGHT if quiet else None, **words)


def test_what_a_quiet_route_takes_is_kept_until_its_end() -> None:
    assert told(rolled(), route()) == {C9: Quiet(SEVEN, "rollout:production/adderservice")}
    assert told(rolled(), route(), at=SEVEN) == {C9: LOUD}
    assert told(rolled(), route(quiet=False)) == {C9: LOUD}
    assert told(rolled()) == {Place("slack", "C1"): LOUD}


def test_where_another_route_speaks_now_it_is_said() -> None:
    builds = route(quiet=False, events=(Happening.BUILD,))
    assert told(built(), route(), builds) == {C9: LOUD}
    assert told(rolled(), route(), builds)[C9].until == SEVEN
    silent = route(quiet=False, when=("fixed",))
    assert told(rolled(Phase.FAILED), route(), silent)[C9].until == SEVEN


def test_of_two_quiet_routes_the_first_that_ends_counts() -> None:
    early = replace(route(), quiet=weekly("daily 20:00-06:00", MADRID))
    assert told(rolled(), route(), early)[C9].until == SEVEN - timedelta(hours=1)


def test_who_is_to_be_called_is_called_at_night() -> None:
    calling = route(mention=("slack:U0ANN",))
    assert told(rolled(Phase.FAILED), calling) == {C9: LOUD}
    assert told(rolled(), calling)[C9].until == told(rolled(Phase.PROVEN), calling)[C9].until == SEVEN
    for_webex_only = route(mention=("ann@example.com",))
    assert told(rolled(Phase.FAILED), for_webex_only)[C9].until == SEVEN


def test_what_one_place_may_hear_now_it_hears_now() -> None:
    one, other = {C9: Quiet(SEVEN, "a"), Place("slack", "C1"): LOUD}, {C9: LOUD}
    assert merged(one, other) == merged(other, one) == {C9: LOUD, Place("slack", "C1"): LOUD}
    assert merged() == {}


@pytest.mark.parametrize(
    ("event", "subject"),
    [
        (built(), "build:adderservice"),
        (built(service=""), f"build:jenkins:{BUILD.job}"),
        (FOUND, "image:adderservice"),
        (COMMIT, "merge:adderservice"),
        (rolled(environment="staging"), "rollout:staging/adderservice"),
        (
            IncidentChanged(Incident("i", TARGET, "adderservice", "oom", "Killed.", ELEVEN, ELEVEN)),
            "incident:production/adderservice",
        ),
    ],
)
def test_each_has_a_subject(event: Event, subject: str) -> None:
    assert told(event, route())[C9].subject == subject


def kept(
    key: str, about: str | None = "", *, final: bool = True, parent: str | None = None, **reply: object
) -> Message:
    said = replace(Reply(key, Tone.GOOD), **reply)
    return Message(key, C9, said, final=final, parent=parent, quiet=Quiet(SEVEN, about))


def names(found: tuple[list[Message], list[Message]]) -> tuple[list[str], list[str]]:
    return [m.key for m in found[0]], [m.key for m in found[1]]


def test_what_is_over_is_told_together_and_what_goes_on_by_itself() -> None:
    night = [
        kept("release:1", None),
        kept("build:1", parent="release:1"),
        kept("release:2", None),
        kept("tag", parent="release:2"),
        kept("order", final=False, parent="tag"),
        kept("failed", parent="release:1"),
        kept("failed:evidence", None, parent="failed"),
        kept("stuck", final=False),
        kept("stuck:evidence", None, parent="stuck"),
        kept("said:evidence", None, parent="said"),
    ]
    together, alone = names(sorted_out(night))
    assert together == ["release:1", "build:1", "failed", "failed:evidence"]
    assert alone == ["release:2", "tag", "order", "stuck", "stuck:evidence", "said:evidence"]


def test_a_single_piece_of_news_is_said_as_it_is() -> None:
    night = [kept("release", None), kept("build", parent="release"), kept("build:evidence", None, parent="build")]
    assert names(sorted_out(night)) == ([], ["release", "build", "build:evidence"])
    assert names(sorted_out([kept("release", None)])) == (["release"], [])
    assert sorted_out([]) == ([], [])


def test_a_digest_has_the_last_of_each_worst_first() -> None:
    why = Button("Why", "why webapp in production")
    failed = kept("webapp → 2 in production · failed", "rollout", tone=Tone.BAD, buttons=(why,))
    red = kept("adder - #2 Failure (Open)", "build", tone=Tone.BAD, fields=(Field("Open", "https://ci/2"),))
    green = kept("adder - #3 Success (Open)", "build", fields=(Field("Open", "https://ci/3"),))
    reply = digest([kept("New image 3 of adder", "image", tone=Tone.PLAIN), red, failed, green])
    assert reply.title == "Quiet hours are over · 3 things happened · 1 failed"
    assert reply.tone is Tone.BAD
    assert reply.table
    assert reply.table.rows == (
        ("1", "✗ webapp → 2 in production · failed"),
        ("1", "· New image 3 of adder"),
        ("2", "✓ adder - #3 Success"),
    )
    assert reply.fields == (Field("adder - #3 Success", "https://ci/3"),)
    assert reply.body == "    why webapp in production"
    assert digest([green]).title == "Quiet hours are over · 1 thing happened · nothing failed"


def test_a_digest_of_many_counts_what_it_does_not_show() -> None:
    reply = digest([kept(f"job {n} - #1", f"build:{n}") for n in range(1500)])
    assert reply.title == "Quiet hours are over · 1,500 things happened · nothing failed"
    assert reply.table
    assert reply.table.rows[-1] == ("1,450", "… of 1,450 more things")


def test_rollouts_of_two_workloads_are_two_subjects() -> None:
    other = replace(ROLLOUT, target=replace(TARGET, name="adderservice-worker"))
    assert told(replace(rolled(), rollout=other), route())[C9].subject == "rollout:production/adderservice-worker"
