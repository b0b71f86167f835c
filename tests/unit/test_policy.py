"""Rights: the default is no, and taking something away never allows more."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.core.catalogue import Approvals, Catalogue, Environment, Role
from bot.core.guards import Freeze
from bot.core.locks import Lock
from bot.core.model import Place, Who
from bot.core.policy import Facts, Planned, blocking_lock, decide, refusal
from bot.core.rights import VERBS, WRITES, Asked, who_may

HOUR = timedelta(hours=1)
FACTS = Facts(datetime(2026, 11, 20, 12, tzinfo=UTC))
VERB = st.sampled_from(sorted(VERBS))
ENVIRONMENTS = ("staging", "production")
SERVICES = ("adderservice", "webapp")
PEOPLE = ("dev1@example.com", "slack:U1", "*", "lead@example.com")
SOME_VERBS = st.lists(st.sampled_from([*sorted(VERBS), "*"]), max_size=3).map(tuple)


def some(names: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from([*names, "*"]), max_size=2).map(tuple)


ROLES = st.builds(
    Role,
    name=st.just("r"),
    verbs=SOME_VERBS,
    people=some(PEOPLE),
    environments=some(ENVIRONMENTS),
    services=some(SERVICES),
    channels=some(("C1", "C2", "#one")),
    called=st.sampled_from([{}, {"#one": "C1"}]),
)
ASKED = st.builds(
    Asked,
    who=st.just(Who("slack", "U1", "dev1", "dev1@example.com")),
    place=st.builds(Place, platform=st.just("slack"), channel=st.sampled_from(["C1", "C2"])),
    verb=VERB,
    service=st.sampled_from(SERVICES),
    environment=st.sampled_from(ENVIRONMENTS),
)


def catalogue(*roles: Role) -> Catalogue:
    return Catalogue({name: Environment(name, "main", name) for name in ENVIRONMENTS}, roles=roles)


@given(asked=ASKED, roles=st.lists(ROLES, max_size=4), gone=st.integers(0, 3))
def test_a_role_less_never_allows_more(asked: Asked, roles: list[Role], gone: int) -> None:
    fewer = [role for n, role in enumerate(roles) if n != gone]
    if decide(asked, catalogue(*fewer), FACTS).allowed:
        assert decide(asked, catalogue(*roles), FACTS).allowed


@given(asked=ASKED, role=ROLES, field=st.sampled_from(["verbs", "people", "environments", "services", "channels"]))
def test_a_role_that_names_less_never_allows_more(asked: Asked, role: Role, field: str) -> None:
    narrower = replace(role, **{field: ()})
    if asked.verb in WRITES:
        assert not decide(asked, catalogue(narrower), FACTS).allowed


@given(asked=ASKED)
def test_without_a_role_nothing_that_writes_is_allowed(asked: Asked) -> None:
    assert decide(asked, catalogue(), FACTS).allowed == (asked.verb not in WRITES)


@given(asked=ASKED, roles=st.lists(ROLES, max_size=4))
def test_every_refusal_says_what_why_and_what_next(asked: Asked, roles: list[Role]) -> None:
    decision = decide(asked, catalogue(*roles), FACTS)
    if not decision.allowed:
        error = refusal(decision)
        assert asked.what in error.sentence
        assert error.fact
        assert error.hint


def test_a_right_counts_in_its_channels_only() -> None:
    role = Role("r", ("deploy",), ("slack:U1",), channels=("C1",))
    who = Who("slack", "U1", "dev1")
    here = Asked(who, Place("slack", "C1"), "deploy", service="webapp", environment="staging")
    there = replace(here, place=Place("slack", "C2"))
    assert decide(here, catalogue(role), FACTS).allowed
    assert "counts in other channels only" in decide(there, catalogue(role), FACTS).reason


@given(asked=ASKED, roles=st.lists(ROLES, max_size=4))
def test_a_channel_that_nobody_knows_by_its_name_never_allows_more(asked: Asked, roles: list[Role]) -> None:
    unknown = [replace(role, called={}) for role in roles]
    if decide(asked, catalogue(*unknown), FACTS).allowed:
        assert decide(asked, catalogue(*(replace(role, called={"#one": "C1"}) for role in roles)), FACTS).allowed


def test_what_is_denied_in_a_channel_that_nobody_knows_is_denied_everywhere() -> None:
    granting = Role("r", ("deploy",), ("slack:U1",))
    denying = Role("calm", (), ("slack:U1",), deny=("deploy",), channels=("#calm",))
    asked = Asked(Who("slack", "U1", "dev1"), Place("slack", "C2"), "deploy", service="webapp", environment="staging")
    refused = decide(asked, catalogue(granting, denying), FACTS)
    assert "No chat knows a channel #calm, so it denies it everywhere." in refused.reason
    assert decide(asked, catalogue(granting, replace(denying, called={"#calm": "C1"})), FACTS).allowed


@given(asked=ASKED, roles=st.lists(ROLES, max_size=4))
def test_whoever_is_from_outside_changes_nothing_whatever_a_role_says(asked: Asked, roles: list[Role]) -> None:
    outsider = replace(asked, who=replace(asked.who, outsider="a guest"))
    if asked.verb in WRITES:
        assert not decide(outsider, catalogue(*roles), FACTS).allowed
        assert "a guest" in decide(outsider, catalogue(*roles), FACTS).reason


LOCKS = st.lists(
    st.builds(
        Lock,
        service=st.sampled_from([*SERVICES, "*"]),
        environment=st.sampled_from([*ENVIRONMENTS, "*"]),
        owner=st.just(Who("slack", "U2", "dev2")),
        reason=st.just("r"),
        at=st.just(FACTS.now),
        automatic=st.booleans(),
        until=st.sampled_from([None, FACTS.now, FACTS.now + HOUR]),
    ),
    max_size=3,
)
FREEZES = st.lists(
    st.builds(
        Freeze,
        environment=st.sampled_from([*ENVIRONMENTS, "*"]),
        reason=st.just("r"),
        at=st.just(FACTS.now),
        until=st.sampled_from([None, FACTS.now, FACTS.now + HOUR]),
    ),
    max_size=2,
)
PLANNED = st.none() | st.builds(
    Planned,
    image=st.sampled_from(["", "3f2a91c"]),
    healthy=st.sampled_from([None, HOUR / 2, HOUR]),
    confirmed=st.booleans(),
    approved=st.booleans(),
)
SETTINGS = st.fixed_dictionaries(
    {
        "confirm": st.booleans(),
        "approvals": st.sampled_from([None, Approvals(1, "r")]),
        "after": st.sampled_from([None, "staging"]),
        "soak": st.sampled_from([HOUR * 0, HOUR]),
    }
)
OVERRIDES = st.sampled_from(["", "the site is down"])


def with_settings(found: Catalogue, settings: dict[str, object]) -> Catalogue:
    return replace(found, environments={n: replace(e, **settings) for n, e in found.environments.items()})


@given(
    asked=ASKED,
    override=OVERRIDES,
    roles=st.lists(ROLES, max_size=3),
    locks=LOCKS,
    freezes=FREEZES,
    planned=PLANNED,
    settings=SETTINGS,
    denying=ROLES,
    denied=SOME_VERBS,
)
def test_a_guard_more_never_allows_more(
    asked: Asked,
    override: str,
    roles: list[Role],
    locks: list[Lock],
    freezes: list[Freeze],
    planned: Planned | None,
    settings: dict[str, object],
    denying: Role,
    denied: tuple[str, ...],
) -> None:
    asked = replace(asked, override=override)
    guarded = with_settings(catalogue(*roles), settings)
    facts = Facts(FACTS.now, locks, freezes)
    if not decide(asked, guarded, facts, planned).allowed:
        deny = replace(denying, verbs=(), deny=denied)
        for stricter in (replace(guarded, roles=(*roles, deny)), guarded):
            assert not decide(asked, stricter, facts, planned).allowed
        return
    assert decide(asked, catalogue(*roles), FACTS, planned).allowed
    assert decide(asked, guarded, replace(facts, locks=locks[1:]), planned).allowed
    assert decide(asked, guarded, replace(facts, freezes=freezes[1:]), planned).allowed


@given(asked=ASKED, roles=st.lists(ROLES, max_size=3), locks=LOCKS, freezes=FREEZES, settings=SETTINGS)
def test_an_override_passes_no_lock_no_missing_right_and_no_confirmation(
    asked: Asked, roles: list[Role], locks: list[Lock], freezes: list[Freeze], settings: dict[str, object]
) -> None:
    overriding = replace(asked, override="the site is down")
    guarded = with_settings(catalogue(*roles), settings)
    decision = decide(overriding, guarded, Facts(FACTS.now, locks, freezes), Planned("3f2a91c"))
    if decision.allowed and decision.rule.startswith("override"):
        assert decide(replace(asked, verb="override"), guarded, FACTS).allowed
        assert blocking_lock(asked, locks, FACTS.now) is None
        assert not settings["confirm"]


def test_teams_and_groups_hold_a_role() -> None:
    role = Role("r", ("deploy",), groups=("slack:S0RELEASE", "team:platform"))
    ruled = replace(catalogue(role), teams={"platform": ("two@example.com",)})
    asked = Asked(Who("slack", "U9", "nine"), Place("slack", "C1"), "deploy", service="webapp", environment="staging")
    assert not decide(asked, ruled, FACTS).allowed
    by_group = replace(asked, who=replace(asked.who, groups=frozenset({"S0RELEASE"})))
    elsewhere = replace(by_group, who=replace(by_group.who, platform="webex"))
    by_team = replace(asked, who=replace(asked.who, email="Two@Example.com"))
    assert [decide(a, ruled, FACTS).allowed for a in (by_group, elsewhere, by_team)] == [True, False, True]


def test_reading_can_be_denied() -> None:
    role = Role("contractors", (), ("slack:U1",), environments=("production",), deny=("read", "logs"))
    who = Who("slack", "U1", "dev1")
    read = Asked(who, Place("slack", "C1"), "read", service="webapp")
    assert decide(replace(read, environment="staging"), catalogue(role), FACTS).allowed
    assert not decide(replace(read, environment="production"), catalogue(role), FACTS).allowed
    assert not decide(read, catalogue(role), FACTS).allowed
    assert decide(replace(read, service=None), catalogue(role), FACTS).allowed


ROBOT = Who("slack", "B0CIBOT", "ci", robot=True)


@given(asked=ASKED, roles=st.lists(ROLES, max_size=4), override=OVERRIDES, planned=PLANNED, settings=SETTINGS)
def test_another_bot_may_do_nothing_that_does_not_name_it(
    asked: Asked, roles: list[Role], override: str, planned: Planned | None, settings: dict[str, object]
) -> None:
    ruled = with_settings(catalogue(*roles), settings)
    if asked.verb in WRITES:
        assert not decide(replace(asked, who=ROBOT, override=override), ruled, FACTS, planned).allowed


@given(asked=ASKED, roles=st.lists(ROLES, max_size=4), override=OVERRIDES, planned=PLANNED, settings=SETTINGS)
def test_another_bot_may_never_more_than_a_person_of_its_roles(
    asked: Asked, roles: list[Role], override: str, planned: Planned | None, settings: dict[str, object]
) -> None:
    ruled = with_settings(catalogue(*roles), settings)
    asked = replace(asked, override=override)
    if decide(replace(asked, who=replace(asked.who, robot=True)), ruled, FACTS, planned).allowed:
        assert decide(asked, ruled, FACTS, planned).allowed


def test_another_bot_does_what_names_it_but_agrees_to_nothing() -> None:
    named = Role("ci", ("*",), ("slack:B0CIBOT",), environments=("staging",))
    team = Role("bots", ("deploy",), groups=("team:bots",))
    everyone = Role("all", ("*",), ("*",), groups=("team:all",), deny=("set",))
    ruled = replace(catalogue(named, team, everyone), teams={"bots": ("slack:b0cibot",), "all": ("*",)})
    asked = Asked(ROBOT, Place("slack", "C1"), "deploy", service="webapp", environment="staging")

    def may(verb: str, environment: str = "staging") -> bool:
        return decide(replace(asked, verb=verb, environment=environment), ruled, FACTS).allowed

    assert [may("deploy"), may("scale"), may("deploy", "production"), may("read", "production")] == [True] * 4
    assert [may("scale", "production"), may("approve"), may("set")] == [False] * 3


def test_where_confirmation_is_wanted_another_bot_does_nothing_not_even_by_an_override() -> None:
    ruled = with_settings(catalogue(Role("ci", ("*",), ("slack:B0CIBOT",))), {"confirm": True})
    asked = Asked(ROBOT, Place("slack", "C1"), "deploy", service="webapp", environment="staging", override="the site")
    decision = decide(asked, ruled, FACTS, Planned())
    assert decision.rule == "confirm: staging wants it confirmed"
    assert str(refusal(decision)).startswith(
        "staging wants that whoever orders something confirms what they were shown"
    )
    approved = Planned(confirmed=True, approved=True)
    assert decide(replace(asked, override=""), ruled, FACTS, approved).allowed


def test_another_bot_hears_what_never_ends_before_what_does() -> None:
    ruled = with_settings(catalogue(Role("ci", ("*",), ("slack:B0CIBOT",))), {"confirm": True, "after": "production"})
    asked = Asked(ROBOT, Place("slack", "C1"), "deploy", service="webapp", environment="staging")
    soaking = Planned(image="9ab01de", healthy=timedelta(), standing=timedelta())
    for planned in (None, soaking):
        decision = decide(asked, ruled, FACTS, planned)
        assert (decision.rule, decision.free) == ("confirm: staging wants it confirmed", None)


def test_everyone_is_no_bot() -> None:
    ruled = catalogue(Role("all", ("*",), ("*",)))
    asked = Asked(ROBOT, Place("slack", "C1"), "deploy", service="webapp", environment="staging")
    assert decide(asked, ruled, FACTS).reason.endswith("These can: every person.")
    assert who_may(replace(asked, who=replace(ROBOT, robot=False)), ruled) == ["everyone"]
