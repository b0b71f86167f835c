from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.words import age, ago, bar, clip, clock, count, duration, span, times

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "words"),
    [(2, "15:00"), (12, "Sat 01:00"), (144, "Thu 13:00"), (168, "Fri 2026-11-27 13:00")],
)
def test_a_day_is_named_where_it_is_another_one(hours: int, words: str) -> None:
    """By the clocks there: at noon in London it is one in Madrid."""
    assert clock(NOW + timedelta(hours=hours), NOW, ZoneInfo("Europe/Madrid")) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (-3, "0 s"),
        (0.04, "0.1 s"),
        (0.42, "0.4 s"),
        (52.9, "52 s"),
        (60, "1 min"),
        (185, "3 min 5 s"),
        (3600, "1 h"),
        (3605, "1 h"),
        (7800, "2 h 10 min"),
        (273600, "3 d 4 h"),
    ],
)
def test_span(seconds: float, words: str) -> None:
    assert span(seconds) == words
    assert span(timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(
    ("seconds", "words", "compact"),
    [
        (0, "just now", "0 s"),
        (38, "38 s ago", "38 s"),
        (299, "4 min ago", "4 m"),
        (7300, "2 h ago", "2 h"),
        (3 * 86400 + 5, "3 d ago", "3 d"),
        (-300, "in 5 min", "in 5 min"),
    ],
)
def test_ago_and_age(seconds: float, words: str, compact: str) -> None:
    then = NOW - timedelta(seconds=seconds)
    assert ago(then, NOW) == words
    assert age(then, NOW) == compact


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30s", 30),
        ("10 m", 600),
        ("2H", 7200),
        ("1h30m", 5400),
        (" 3 d", 259200),
        ("1w", 604800),
        ("2 hours", 7200),
        ("an hour", 3600),
        ("half an hour", 1800),
        ("1 hour and 5 minutes", 3900),
    ],
)
def test_duration(text: str, seconds: int) -> None:
    assert duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "h", "2", "2 hours ago", "-3m", "٣s", "1h x"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        duration(text)


@given(done=st.integers(-5, 50), total=st.integers(-5, 50))
def test_a_bar_looks_full_only_when_it_is(done: int, total: int) -> None:
    drawn = bar(done, total)
    assert len(drawn) == 18
    assert ("░" not in drawn) == (total <= 0 or done >= total)


def test_a_bar() -> None:
    assert bar(4, 6) == "████████████░░░░░░"


def test_counts() -> None:
    assert [count(1, "pod"), count(2, "pod"), count(1200, "entry", "entries")] == ["1 pod", "2 pods", "1,200 entries"]
    assert [times(1), times(4)] == ["once", "4 times"]
    assert clip("x" * 50) == "x" * 39 + "…"


def test_what_lies_ahead_is_said_as_people_plan_with_it() -> None:
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert ago(now + timedelta(hours=2, seconds=-0.2), now) == "in 2 h"
    assert ago(now + timedelta(hours=26, minutes=30), now) == "in 1 d 2 h"
