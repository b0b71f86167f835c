"""Windows follow the clock on the wall, also in the nights in which it leaps."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.core.windows import DAY, WEEK, Window, free_from, from_until, open_from, weekly

MADRID = "Europe/Madrid"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTE = timedelta(minutes=1)
ZONES = (MADRID, "UTC", "Asia/Kolkata", "America/New_York", "America/Sao_Paulo", "Australia/Lord_Howe", "Pacific/Apia")
LEAPS = (
    datetime(2026, 3, 29, 1, tzinfo=UTC),  # Madrid: 02:00 is 03:00
    datetime(2026, 10, 25, 1, tzinfo=UTC),  # Madrid: 03:00 is 02:00
    datetime(2026, 3, 8, 7, tzinfo=UTC),  # New York
    datetime(2017, 10, 15, 3, tzinfo=UTC),  # São Paulo: midnight is 01:00
    datetime(2018, 2, 18, 2, tzinfo=UTC),  # São Paulo: midnight is 23:00
    datetime(2026, 4, 4, 15, tzinfo=UTC),  # Lord Howe: half an hour
    datetime(2011, 12, 30, 10, tzinfo=UTC),  # Apia: a whole day is left out
    datetime(2028, 2, 29, tzinfo=UTC),
)
moments = st.one_of(
    st.sampled_from(LEAPS).flatmap(lambda leap: st.integers(-DAY, 2 * DAY).map(lambda n: leap + n * MINUTE)),
    st.integers(0, 13_000_000).map(lambda n: datetime(2010, 1, 1, tzinfo=UTC) + n * MINUTE),
)
times = st.one_of(st.integers(0, DAY - 1), st.integers(0, 4).map(lambda n: n * 60))
windows = st.tuples(st.sets(st.integers(0, 6), min_size=1), times, times).filter(lambda found: found[1] != found[2])


def madrid(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(MADRID))


def clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def brute(start: datetime, minutes: int, zone: ZoneInfo) -> Iterator[tuple[datetime, int]]:
    """Minute by minute: the latest that the clock has shown so far, as a minute of the week."""
    latest = start.astimezone(zone).replace(tzinfo=None)
    for number in range(-2 * DAY, minutes):
        moment = start + number * MINUTE
        latest = max(latest, moment.astimezone(zone).replace(tzinfo=None))
        if number >= 0:
            yield moment, latest.weekday() * DAY + latest.hour * 60 + latest.minute


@pytest.mark.fuzz
@settings(max_examples=25)
@given(windows, st.sampled_from(ZONES), moments)
@example(({6}, 125, 155), MADRID, LEAPS[0] - MINUTE)
@example(({6}, 125, 155), MADRID, LEAPS[1])
@example(({4}, 0, 1439), "Pacific/Apia", LEAPS[6] - MINUTE)
def test_a_weekly_window_is_what_the_clock_shows(found: tuple[set[int], int, int], name: str, now: datetime) -> None:
    days, start, end = found
    window = weekly(f"{','.join(DAYS[day] for day in days)} {clock(start)}-{clock(end)}", name)
    length = (end - start) % DAY
    held = {(day * DAY + start + n) % WEEK for day in days for n in range(length)}
    walked = [(moment, at in held) for moment, at in brute(now, 2 * DAY, ZoneInfo(name))]
    for moment, inside in walked[::97]:
        assert window.contains(moment) is inside
    ahead = ((moment, at in held) for moment, at in brute(now, 4 * WEEK, ZoneInfo(name)))
    assert window.next_start(now) == next(at for (_, before), (at, inside) in pairwise(ahead) if inside and not before)
    ahead = ((moment, at in held) for moment, at in brute(now, 4 * WEEK, ZoneInfo(name)))
    assert window.ends(now) == next(moment for moment, inside in ahead if not inside)


@pytest.mark.parametrize(
    ("written", "inside", "outside"),
    [
        ("mon-thu 09:00-16:00", ["2026-11-19 09:00", "2026-11-16 15:59"], ["2026-11-19 16:00", "2026-11-20 12:00"]),
        ("daily 22:00-07:00", ["2026-11-19 22:00", "2026-11-20 06:59"], ["2026-11-20 07:00", "2026-11-20 21:59"]),
        ("sat,sun 00:00-24:00", ["2026-11-21 00:00", "2026-11-22 23:59"], ["2026-11-20 23:59", "2026-11-23 00:00"]),
        ("sun-tue 23:00-01:00", ["2026-11-22 23:30", "2026-11-25 00:30"], ["2026-11-23 01:00", "2026-11-22 00:30"]),
    ],
)
def test_windows_of_days(written: str, inside: list[str], outside: list[str]) -> None:
    window = weekly(written, MADRID)
    assert [window.contains(madrid(at)) for at in inside] == [True] * len(inside)
    assert [window.contains(madrid(at)) for at in outside] == [False] * len(outside)


def test_no_deploy_fridays_run_over_the_end_of_the_week() -> None:
    freeze = from_until("fri 00:00", "mon 08:00", MADRID)
    assert freeze.contains(madrid("2026-11-20 00:00"))
    assert freeze.ends(madrid("2026-11-20 17:00")) == madrid("2026-11-23 08:00")
    assert freeze.next_start(madrid("2026-11-20 17:00")) == madrid("2026-11-27 00:00")
    assert not freeze.contains(madrid("2026-11-23 08:00"))
    assert freeze.ends(madrid("2026-11-23 08:00")) == madrid("2026-11-23 08:00")


def test_a_day_alone_is_all_of_it() -> None:
    assert from_until("fri", "fri", MADRID).ends(madrid("2026-11-20 12:00")) == madrid("2026-11-21 00:00")
    year_end = from_until("2026-12-20", "2027-01-04", MADRID)
    assert year_end.next_start(madrid("2026-11-20 12:00")) == madrid("2026-12-20 00:00")
    assert year_end.ends(madrid("2026-12-20 00:00")) == madrid("2027-01-05 00:00")
    assert year_end.next_start(madrid("2026-12-20 00:00")) is None


def test_a_leap_day_is_a_day() -> None:
    assert from_until("2028-02-29", "2028-02-29", MADRID).ends(madrid("2028-02-29 01:00")) == madrid("2028-03-01 00:00")
    with pytest.raises(ValueError, match="day"):
        from_until("2027-02-29", "2027-03-01", MADRID)


def test_a_window_that_the_clock_skips_is_never() -> None:
    window = from_until("2026-03-29 02:10", "2026-03-29 02:50", MADRID)
    before = madrid("2026-03-29 01:00")
    assert not window.contains(LEAPS[0])
    assert window.next_start(before) is None
    assert window.ends(before) == before


def test_dates_may_have_times() -> None:
    window = from_until("2026-12-24 12:00", "2026-12-24T18:30", MADRID)
    assert (window.contains(madrid("2026-12-24 12:00")), window.contains(madrid("2026-12-24 18:30"))) == (True, False)


@pytest.mark.parametrize("whole", [weekly("daily 00:00-24:00", MADRID), from_until("mon", "sun", MADRID)])
def test_a_window_of_the_whole_week_never_ends(whole: Window) -> None:
    now = madrid("2026-11-20 12:00")
    assert whole.contains(now)
    assert whole.ends(now) is None
    assert whole.next_start(now) is None


def test_days_that_touch_are_one_window() -> None:
    weekend = weekly("sat,sun 00:00-24:00", MADRID)
    assert weekend.ends(madrid("2026-11-21 12:00")) == madrid("2026-11-23 00:00")
    assert weekend.next_start(madrid("2026-11-21 12:00")) == madrid("2026-11-28 00:00")


@pytest.mark.parametrize(
    "text",
    [
        *("", "mon", "mon 9:00", "mon 09:00-09:00", "mon 24:00-08:00", "moon 09:00-10:00", "mon- 09:00-10:00"),
        *("daily 09:00-25:00", "daily,mon 09:00-10:00", "mon 09:00-10:00-11:00", "09:00-10:00", "mon 9-10"),
    ],
)
def test_no_weekly_windows(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        weekly(text, MADRID)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        *[("fri 00:00", "fri 00:00"), ("2027-01-04", "2026-12-20"), ("fri 00:00", "2026-12-20"), ("", "")],
        *[("2026-12-20", "mon 08:00"), ("20261220", "20270104"), ("9999-12-31", "9999-12-31"), ("fri 25:00", "sat")],
    ],
)
def test_no_windows(start: str, end: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        from_until(start, end, MADRID)


def test_when_it_is_free_again() -> None:
    friday, nights = from_until("fri 00:00", "mon 08:00", MADRID), weekly("daily 07:30-09:00", MADRID)
    now = madrid("2026-11-20 12:00")
    assert free_from([], now) == now
    assert free_from([friday, nights], now) == madrid("2026-11-23 09:00")
    assert free_from([friday, from_until("mon", "sun", MADRID)], now) is None
    assert free_from([weekly("daily 00:00-12:00", MADRID), weekly("daily 11:00-01:00", MADRID)], now) is None


def test_when_it_opens() -> None:
    hours = weekly("mon-thu 09:00-16:00", MADRID)
    now = madrid("2026-11-20 12:00")
    assert open_from([hours], now) == madrid("2026-11-23 09:00")
    assert open_from([hours, weekly("fri 09:00-13:00", MADRID)], now) == now
    assert open_from([from_until("2026-01-01", "2026-01-02", MADRID)], now) is None
