"""The moments that people write: `for 2h`, `until monday 9:00`, `tomorrow 9:00`."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import UsageError
from bot.core.wall import shows
from bot.core.when import since, spoken, until

MADRID = "Europe/Madrid"
ZONE = ZoneInfo(MADRID)
NOW = datetime(2026, 11, 20, 17, 0, tzinfo=ZONE)


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("for 2h", "2026-11-20 19:00"),
        ("for 1h30m", "2026-11-20 18:30"),
        ("until 18:30", "2026-11-20 18:30"),
        ("until 9:00", "2026-11-21 09:00"),
        ("until 17:00", "2026-11-21 17:00"),
        ("until monday 9:00", "2026-11-23 09:00"),
        ("until Monday at 09:00", "2026-11-23 09:00"),
        ("until 9:00 on mon", "2026-11-23 09:00"),
        ("until fri 18:00", "2026-11-20 18:00"),
        ("until fri 16:00", "2026-11-27 16:00"),
        ("until tomorrow 9:00", "2026-11-21 09:00"),
        ("until today 23:59", "2026-11-20 23:59"),
        ("until 2026-12-24", "2026-12-25 00:00"),
        ("until 2026-12-24 9:00", "2026-12-24 09:00"),
        ("until 2026-12-24T09:00", "2026-12-24 09:00"),
        ("until 9am tomorrow", "2026-11-21 09:00"),
        ("until mondays 18:00 UTC", "2026-11-23 19:00"),
        ("tomorrow 9:00", "2026-11-21 09:00"),
        ("for 2 hours", "2026-11-20 19:00"),
        ("for half an hour", "2026-11-20 17:30"),
        ("until 9", "2026-11-21 09:00"),
        ("until tomorrow 9", "2026-11-21 09:00"),
        ("until monday at 9 am", "2026-11-23 09:00"),
        ("until noon", "2026-11-21 12:00"),
        ("until midnight", "2026-11-21 00:00"),
        ("until today", "2026-11-21 00:00"),
        ("until tomorrow", "2026-11-22 00:00"),
        ("until monday", "2026-11-24 00:00"),
    ],
)
def test_until(words: str, meant: str) -> None:
    assert until(words, NOW, MADRID) == wall(meant)


@pytest.mark.parametrize(
    "words",
    [
        *("", "for", "until", "for ages", "until later", "until mon-thu", "until daily", "until 25:00", "until 99"),
        *("until 2026-02-30", "until 9999-12-31", "until 20261224", "until monday 9:00 10:00", "for 999999w"),
        *("until monday tuesday 9:00", "in 2h", "until 9:60", "until m 9:00", "until ٩:00", "for 400d"),
    ],
)
def test_what_is_none_is_answered_with_examples(words: str) -> None:
    with pytest.raises(UsageError) as caught:
        until(words, NOW, MADRID, hint="freeze production until monday 9:00")
    assert "until monday 9:00" in caught.value.fact
    assert caught.value.hint == "freeze production until monday 9:00"


@pytest.mark.parametrize("words", ["until 2026-11-19", "until 2026-11-20 16:59", "until today 9:00", "for 0h"])
def test_what_is_over_is_said_to_be(words: str) -> None:
    with pytest.raises(UsageError, match=r"2026-11-\d\d \d\d:\d\d is over"):
        until(words, NOW, MADRID)


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("2h", "2026-11-20 15:00"),
        ("1 hour", "2026-11-20 16:00"),
        ("2 hours ago", "2026-11-20 15:00"),
        ("today", "2026-11-20 00:00"),
        ("yesterday", "2026-11-19 00:00"),
        ("yesterday 14:00", "2026-11-19 14:00"),
        ("friday", "2026-11-20 00:00"),
        ("monday", "2026-11-16 00:00"),
        ("14:00", "2026-11-20 14:00"),
        ("18:00", "2026-11-19 18:00"),
        ("9", "2026-11-20 09:00"),
        ("2026-11-01", "2026-11-01 00:00"),
        ("99999d", "2016-11-12 17:00"),
    ],
)
def test_since(words: str, meant: str) -> None:
    assert since(words, NOW, MADRID) == wall(meant)


@pytest.mark.parametrize("words", ["", "ever", "tomorrow", "2026-12-01", "mon-thu", "25:00", "2026-02-30", "2h x"])
def test_what_is_no_beginning_is_refused(words: str) -> None:
    with pytest.raises(UsageError) as caught:
        since(words, NOW, MADRID, hint="audit since 2h")
    assert caught.value.hint == "audit since 2h"


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("2h load test", 1),
        ("2 hours load test", 2),
        ("2h 30 min migration", 3),
        ("30 m 3 nodes are gone", 2),
        ("tomorrow 9 load test", 2),
        ("monday at the office", 1),
        ("the migration", 0),
        ("1 hour ago by dev1", 3),
    ],
)
def test_how_many_words_say_a_time(words: str, number: int) -> None:
    assert spoken(words.split()) == number


def test_hours_are_hours_in_a_night_that_has_one_more() -> None:
    evening = wall("2026-10-24 23:00")
    assert until("for 8h", evening, MADRID) == wall("2026-10-25 06:00")


def test_a_time_that_the_clock_skips_is_the_leap() -> None:
    assert shows(datetime.fromisoformat("2026-03-29 02:30"), ZONE) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


def test_a_time_that_comes_twice_is_the_next_of_the_two() -> None:
    first, second = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert shows(datetime.fromisoformat("2026-10-25 02:30"), ZONE) == first
    assert until("until 2:30", first - timedelta(minutes=1), MADRID) == first
    assert until("until 2:30", first, MADRID) == second


@given(st.text(max_size=30), st.integers(1_000_000_000, 30_000_000_000).map(lambda n: datetime.fromtimestamp(n, UTC)))
def test_whatever_is_written_is_ahead_or_refused(words: str, now: datetime) -> None:
    try:
        assert now < until(words, now, MADRID) <= now + timedelta(days=366)
    except UsageError as error:
        assert error.fact
