"""Confirmations, approvals, promotion order, groups, freezes: what is read, and the policies that are refused."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.core.catalogue import Approvals, Catalogue
from config import ConfigError
from config.check import check
from config.source import parse

GUARDED = """\
time_zone: America/New_York
clusters: {main: {simulated: true}}
environments:
  staging: {cluster: main, namespace: micro-staging}
  production:
    cluster: main
    namespace: micro
    confirm: true
    approvals: {count: 2, role: releasers, expire: 45m}
    after: staging
    soak: 10m
roles:
  releasers:
    verbs: [approve, deploy, lock]
    environments: [production]
    people: [lead@example.com]
    groups: ["slack:S0RELEASE", "webex:Y2lzY29", "team:platform"]
    deny: [set]
teams: {platform: [platform-one@example.com, "slack:U012AB3CD"]}
freezes:
  - {name: fridays, environments: [production], from: "fri 00:00", until: "mon 08:00", time_zone: Europe/Madrid}
  - {name: year-end, from: 2026-12-20, until: 2027-01-04, reason: "Year-end closing"}
allow: {production: {windows: ["mon-thu 09:00-16:00", "fri 09:00-12:00"]}}
"""


def read(text: str) -> Catalogue:
    return check(parse(text), {}, path=Path("bot.yaml"), later={}).catalogue()


def mistakes(old: str, new: str) -> list[str]:
    assert old in GUARDED
    with pytest.raises(ConfigError) as caught:
        read(GUARDED.replace(old, new, 1))
    return caught.value.fact.splitlines()


def test_environments_and_roles() -> None:
    catalogue = read(GUARDED)
    production = catalogue.environments["production"]
    assert (production.confirm, production.after, production.soak) == (True, "staging", timedelta(minutes=10))
    assert production.approvals == Approvals(count=2, role="releasers", expire=timedelta(minutes=45))
    role = catalogue.roles[0]
    assert (role.groups, role.deny) == (("slack:S0RELEASE", "webex:Y2lzY29", "team:platform"), ("set",))
    assert catalogue.teams == {"platform": ("platform-one@example.com", "slack:U012AB3CD")}


def test_freezes_by_the_clock_that_is_written_with_them_or_that_of_the_file() -> None:
    fridays, year_end = read(GUARDED).freezes
    assert (fridays.name, fridays.environments, fridays.reason) == ("fridays", ("production",), "")
    assert fridays.window.contains(datetime(2026, 11, 19, 23, 0, tzinfo=UTC))
    assert (year_end.environments, year_end.reason) == (("*",), "Year-end closing")
    assert year_end.window.ends(datetime(2027, 1, 1, tzinfo=UTC)) == datetime(2027, 1, 5, 5, tzinfo=UTC)


def test_allowed_times() -> None:
    hours, friday = read(GUARDED).allow["production"]
    assert (hours.text, hours.time_zone) == ("mon-thu 09:00-16:00", "America/New_York")
    assert friday.contains(datetime(2026, 11, 20, 14, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("after: staging", "after: stagin", 'environments.production.after: "stagin" is not the name of an envir'),
        ("role: releasers", "role: nobody", 'environments.production.approvals.role: "nobody" is not the name of a r'),
        ("role: releasers, ", "", "environments.production.approvals.role: is missing: the name of a role"),
        ("count: 2", "count: 0", "environments.production.approvals.count: 0 is not a whole number from 1 to 20"),
        ("expire: 45m", "expire: 45", "environments.production.approvals.expire: 45 is not text; put it in quotes"),
        ("soak: 10m", "soak: 30d", 'environments.production.soak: "30d" is not a duration from 0s to 7d'),
        ("confirm: true", "confirm: sometimes", 'environments.production.confirm: "sometimes" is not true or false'),
        ("team:platform", "team:platfrom", 'roles.releasers.groups[2]: "team:platfrom" is not the name of a team; did'),
        ("webex:Y2lzY29", "irc:ops", 'roles.releasers.groups[1]: "irc:ops" is not a group such as slack:S0RELEASE'),
        ("deny: [set]", "deny: [sett]", 'roles.releasers.deny[0]: "sett" is not a verb; did you mean set?'),
        ("platform-one@example.com", "bob", 'teams.platform[0]: "bob" is not an e-mail address'),
        ("fri 00:00", "friday noon", 'freezes[0].from: "friday noon" is not a day, with a time if need be, such as'),
        ("Europe/Madrid", "Europe/Madird", 'freezes[0].time_zone: "Europe/Madird" is not a time zone; did you mean E'),
        ("environments: [production], from", "environments: [prod], from", 'freezes[0].environments[0]: "prod" is not'),
        ("until: 2027-01-04, ", "", "freezes[1].until: is missing: a day, with a time if need be"),
        ("reason:", "reasn:", "freezes[1].reasn: unknown key; did you mean reason?"),
        ("2027-01-04", "2027-02-30", 'freezes[1].until: "2027-02-30" is not a day, with a time'),
        ("allow: {production", "allow: {prod", 'allow.prod: "prod" is not the name of an environment; did you'),
        (
            "fri 09:00-12:00",
            "fri 9-12",
            'allow.production.windows[1]: "fri 9-12" is not days and hours such as mon-thu',
        ),
    ],
)
def test_values(old: str, new: str, told: str) -> None:
    found = mistakes(old, new)
    assert len(found) == 1
    assert found[0].startswith(told)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "after: staging",
            "after: production",
            "environments.production.after: goes in a circle: production after pro",
        ),
        (
            "micro-staging}",
            "micro-staging, after: production}",
            "environments.staging.after: goes in a circle: staging after production after staging",
        ),
        ("    after: staging\n", "", "environments.production.soak: goes with after only"),
        ("2027-01-04", "2026-12-19", "freezes[1].until: does not come after from"),
        ("2027-01-04", "mon 08:00", "freezes[1].until: does not come after from: both are days of the week, or both"),
        ("mon 08:00", "fri 00:00", "freezes[0].until: does not come after from"),
        ("name: year-end", "name: fridays", "freezes[1].name: is the name of another freeze already"),
        ('"mon-thu 09:00-16:00", "fri 09:00-12:00"', "", "allow.production.windows: needs at least one window"),
    ],
)
def test_order_and_times(old: str, new: str, told: str) -> None:
    found = mistakes(old, new)
    assert len(found) == 1
    assert found[0].startswith(told)


def test_a_week_that_is_frozen_as_a_whole_is_let_in() -> None:
    assert (
        read(GUARDED.replace("fri 00:00", "mon").replace("mon 08:00", "sun"))
        .freezes[0]
        .window.ends(datetime(2026, 11, 20, tzinfo=UTC))
        is None
    )
