"""The quiet hours of a route, as they are read and as they are refused."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from config import ConfigError
from config.check import check
from config.source import parse

WRITTEN = """
time_zone: America/New_York
clusters: {main: {simulated: true}}
environments: {production: {cluster: main, namespace: micro}}
routes:
  - {to: {slack: C1}, quiet: {hours: "22:00-07:00", time_zone: Europe/Madrid}}
  - {to: {slack: C2}, quiet: {hours: 01:30-5:00am}}
  - {to: {slack: C3}}
"""


def test_they_go_by_the_clock_that_is_written_with_them_or_that_of_the_file() -> None:
    first, second, third = check(parse(WRITTEN), {}, path=Path("bot.yaml")).catalogue().routes
    assert first.quiet
    assert first.quiet.ends(datetime(2026, 11, 20, 22, tzinfo=UTC)) == datetime(2026, 11, 21, 6, tzinfo=UTC)
    assert second.quiet
    assert second.quiet.ends(datetime(2026, 11, 20, 7, tzinfo=UTC)) == datetime(2026, 11, 20, 10, tzinfo=UTC)
    assert third.quiet is None


HOURS = "is not hours such as 22:00-07:00, from one time to another"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"22:00-07:00"', '"22:00-22:00"', f'routes[0].quiet.hours: "22:00-22:00" {HOURS}'),
        ('"22:00-07:00"', '"00:00-24:00"', f'routes[0].quiet.hours: "00:00-24:00" {HOURS}'),
        ('"22:00-07:00"', '"22-7"', f'routes[0].quiet.hours: "22-7" {HOURS}'),
        ('"22:00-07:00"', '"25:00-07:00"', f'routes[0].quiet.hours: "25:00-07:00" {HOURS}'),
        ('"22:00-07:00"', '"mon 22:00-07:00"', f'routes[0].quiet.hours: "mon 22:00-07:00" {HOURS}'),
        ('hours: "22:00-07:00", ', "", f"routes[0].quiet.hours: is missing: {HOURS.removeprefix('is not ')}"),
        ("Europe/Madrid", "Europe/Madird", 'routes[0].quiet.time_zone: "Europe/Madird" is not a time zone; did you'),
        ("time_zone: Europe", "timezone: Europe", "routes[0].quiet.timezone: unknown key; did you mean time_zone"),
        ("{hours: 01:30-5:00am}", "night", 'routes[1].quiet: "night" is not'),
    ],
)
def test_what_are_no_quiet_hours_is_named_with_its_place(old: str, new: str, told: str) -> None:
    assert old in WRITTEN
    with pytest.raises(ConfigError) as caught:
        check(parse(WRITTEN.replace(old, new, 1)), {}, path=Path("bot.yaml"))
    assert any(line.startswith(told) for line in caught.value.fact.splitlines()), caught.value.fact
