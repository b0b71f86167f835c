"""The small languages inside values: what is read, what is refused."""

from datetime import timedelta

import pytest
from apscheduler.triggers.cron import CronTrigger
from hypothesis import given
from hypothesis import strategies as st

from config import grammar, readers


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30s", 30), ("5m", 300), ("2h", 7_200), ("1h30m", 5_400), ("1d", 86_400), ("0s", 0), ("1d2h3m4s", 93_784)],
)
def test_durations(text: str, seconds: int) -> None:
    found = grammar.duration(text)
    assert found == timedelta(seconds=seconds)
    assert grammar.duration(grammar.spell_duration(found)) == found


@pytest.mark.parametrize("text", ["", "30", "s", "soon", "-5m", "5 m", "1.5h", "5m1h", "5M", "9" * 50 + "s", "٣s"])
def test_no_durations(text: str) -> None:
    assert grammar.duration(text) is None


@pytest.mark.parametrize(
    "text", ["0 9 * * mon-fri", "*/10 8-18 * * MON,wed", "0 0 1 jan,jul *", "5-55/10 * * 1-6 *", "0 0 31 dec sun"]
)
def test_schedules(text: str) -> None:
    found = grammar.cron(text)
    assert found == text.lower()
    assert CronTrigger.from_crontab(found, timezone="UTC")


@pytest.mark.parametrize(
    "text",
    [
        *("0 9 * * 1-5", "0 9 * * 0", "0 9 * * 7", "0 9 * * mon-5", "@daily", "0 9 * *", "0 9 * * * *", "60 * * * *"),
        *("* 24 * * *", "* * 0 * *", "* * * 13 *", "5-1 * * * *", "*/0 * * * *", "*/90 * * * *", "x * * * *"),
        *("* * jan * *", "* * * * fri-mon", "* * * * monday", ", * * * *", ""),
    ],
)
def test_no_schedules(text: str) -> None:
    assert grammar.cron(text) is None


_NUMBER = st.integers(0, 70).map(str)
_RANGE = st.builds("{}-{}".format, _NUMBER, _NUMBER)
_PART = st.one_of(
    st.just("*"), _NUMBER, _RANGE, st.builds("{}/{}".format, st.one_of(st.just("*"), _RANGE, _NUMBER), _NUMBER)
)
_MONTH = st.one_of(_PART, st.sampled_from(["jan", "feb-mar", "dec"]))
_DAY = st.one_of(st.just("*"), st.sampled_from(["mon", "sat-sun", "sun-mon", "tue,thu"]), _NUMBER)


@given(st.tuples(_PART, _PART, _PART, _MONTH, _DAY).map(" ".join))
def test_the_scheduler_takes_every_schedule_that_we_take(text: str) -> None:
    found = grammar.cron(text)
    if found is not None:
        assert CronTrigger.from_crontab(found, timezone="UTC")


@pytest.mark.parametrize(
    "text",
    [
        "^1.2",
        "~1.4.0",
        ">=1.2 <2",
        ">= 1.2, < 2",
        "1.x",
        "*",
        "1.2.3",
        "^1 || ^2.1",
        "v1.2",
        "^1.2.3-rc.1",
    ],
)
def test_version_ranges(text: str) -> None:
    assert grammar.version_range(text)


@pytest.mark.parametrize("text", ["", "latest", "^", "1.2.3.4", "^1.2 ||", "==1.2", "1..2", "^1.2; rm", "!=1"])
def test_no_version_ranges(text: str) -> None:
    assert not grammar.version_range(text)


@pytest.mark.parametrize(
    "text",
    [
        "mongo",
        "library/mongo",
        "docker.io/library/mongo",
        "myregistry:5000/adderservice",
        "localhost/a",
        "[::1]:5000/a/b__c",
    ],
)
def test_repositories(text: str) -> None:
    assert grammar.repository(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "mongo:4",
        "mongo@sha256:00",
        "Mongo",
        "r:5000/",
        "/a",
        "a//b",
        "r:99999/a",
        "https://r/a",
        "r:5000/a b",
        "a" * 256,
        "../a",
    ],
)
def test_no_repositories(text: str) -> None:
    assert not grammar.repository(text)


@pytest.mark.parametrize("text", ["oncall@example.com", "slack:U012AB3CD", "webex:Y2lz", "*"])
def test_people(text: str) -> None:
    assert readers.person(text)


@pytest.mark.parametrize(
    "text", ["", "bob", "@example.com", "a@b", "a b@example.com", "irc:bob", "slack:", "slack: U1"]
)
def test_no_people(text: str) -> None:
    assert not readers.person(text)


@pytest.mark.parametrize("name", ["Europe/Nowhere", "Europe", "../etc/passwd", "/etc/passwd", "", "UTC\0", "\ud800"])
def test_no_time_zones(name: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        readers.time_zone(name)


@pytest.mark.parametrize("text", ["https://a.example", "http://127.0.0.1:8080/x"])
def test_addresses(text: str) -> None:
    assert readers.url(text)


@pytest.mark.parametrize("text", ["a.example", "ftp://a", "https://", "https://u:p@a", "https://a:99999", "http://[x"])
def test_no_addresses(text: str) -> None:
    assert not readers.url(text)


@pytest.mark.parametrize("text", ["^b(", "[[a]", "(?P<n>a)(?P<n>b)", "*", "a{1,99999999999999}"])
def test_no_regular_expressions(text: str) -> None:
    assert grammar.compiled(text) is None
