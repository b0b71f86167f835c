"""Rights: the default is no, and taking something away never allows more."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.core.catalogue import Catalogue, Environment, Role
from bot.core.model import Place, Who
from bot.core.policy import VERBS, WRITES, Asked, decide, refusal

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
    channels=some(("C1", "C2")),
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
    if decide(asked, catalogue(*fewer)).allowed:
        assert decide(asked, catalogue(*roles)).allowed


@given(asked=ASKED, role=ROLES, field=st.sampled_from(["verbs", "people", "environments", "services", "channels"]))
def test_a_role_that_names_less_never_allows_more(asked: Asked, role: Role, field: str) -> None:
    narrower = replace(role, **{field: ()})
    if asked.verb in WRITES:
        assert not decide(asked, catalogue(narrower)).allowed


@given(asked=ASKED)
def test_without_a_role_nothing_that_writes_is_allowed(asked: Asked) -> None:
    assert decide(asked, catalogue()).allowed == (asked.verb not in WRITES)


@given(asked=ASKED, roles=st.lists(ROLES, max_size=4))
def test_every_refusal_says_what_why_and_what_next(asked: Asked, roles: list[Role]) -> None:
    decision = decide(asked, catalogue(*roles))
    if not decision.allowed:
        error = refusal(decision)
        assert asked.verb in error.sentence
        assert error.fact
        assert error.hint


def test_a_right_counts_in_its_channels_only() -> None:
    role = Role("r", ("deploy",), ("slack:U1",), channels=("C1",))
    who = Who("slack", "U1", "dev1")
    here = Asked(who, Place("slack", "C1"), "deploy", service="webapp", environment="staging")
    there = replace(here, place=Place("slack", "C2"))
    assert decide(here, catalogue(role)).allowed
    assert "counts in other channels only" in decide(there, catalogue(role)).reason


@given(asked=ASKED, roles=st.lists(ROLES, max_size=4))
def test_whoever_is_from_outside_changes_nothing_whatever_a_role_says(asked: Asked, roles: list[Role]) -> None:
    outsider = replace(asked, who=replace(asked.who, outsider="a guest"))
    if asked.verb in WRITES:
        assert not decide(outsider, catalogue(*roles)).allowed
        assert "a guest" in decide(outsider, catalogue(*roles)).reason
