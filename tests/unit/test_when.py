"""The words people type for a moment, and the moments they mean: nights without a 02:30, leap days, jumps of clocks."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import UsageError
from bot.core.heard import EVERY_DAY
from bot.core.schedules import rule
from bot.core.when import Timing, between, following, read_often, read_once

MADRID = "Europe/Madrid"
FRIDAY_NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ZONES = (
    MADRID,
    "UTC",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Asia/Kathmandu",
    "America/Sao_Paulo",
)

moments = st.integers(631_152_000, 3_786_912_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
timings = st.builds(
    Timing,
    minutes=st.integers(0, 24 * 60 - 1),
    zone=st.sampled_from(ZONES),
    days=st.sets(st.sampled_from(EVERY_DAY), min_size=1).map(lambda days: tuple(sorted(days))),
)


@pytest.mark.parametrize(
    ("text", "moment", "order"),
    [
        ("14:00 deploy a 1", "2026-11-20T13:00", "deploy a 1"),
        ("13:00 deploy a 1", "2026-11-21T12:00", "deploy a 1"),
        ("09:00 tomorrow deploy a 1 to production", "2026-11-21T08:00", "deploy a 1 to production"),
        ("tomorrow at 9am status", "2026-11-21T08:00", "status"),
        ("9:30pm today status", "2026-11-20T20:30", "status"),
        ("12am tomorrow status", "2026-11-20T23:00", "status"),
        ("18:00 UTC status", "2026-11-20T18:00", "status"),
        ("18:00 america/new_york status", "2026-11-20T23:00", "status"),
        ("friday 14:00 status", "2026-11-20T13:00", "status"),
        ("friday 12:00 status", "2026-11-27T11:00", "status"),
        ("on Mon, 08:00 status", "2026-11-23T07:00", "status"),
        ("2027-08-01 09:00 status", "2027-08-01T07:00", "status"),
        ('09:00 tomorrow lock a in b "x  y"', "2026-11-21T08:00", 'lock a in b "x  y"'),
        ("10:00 /deploy a 1", "2026-11-21T09:00", "/deploy a 1"),
        ("2026-12-24T09:00 status", "2026-12-24T08:00", "status"),
    ],
)
def test_once(text: str, moment: str, order: str) -> None:
    timing, rest = read_once(text, FRIDAY_NOON, MADRID)
    assert following(timing, FRIDAY_NOON) == datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert rest == order
    assert following(timing, datetime.fromisoformat(moment).replace(tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("text", "said", "order"),
    [
        ("weekday 18:00 scale webapp 1", "every weekday at 18:00 (Europe/Madrid)", "scale webapp 1"),
        ("day at 07:05 status", "every day at 07:05 (Europe/Madrid)", "status"),
        ("weekend noon", None, None),
        ("mondays and thursday 9am UTC status", "every monday and thursday at 09:00 (UTC)", "status"),
        ("mon-wed,sat 09:00 status", "every monday, tuesday, wednesday and saturday at 09:00", "status"),
        ("fri-mon 09:00 status", "every monday, friday, saturday and sunday at 09:00", "status"),
        ("sun 00:00 status", "every sunday at 00:00 (Europe/Madrid)", "status"),
    ],
)
def test_often(text: str, said: str | None, order: str | None) -> None:
    if said is None:
        with pytest.raises(UsageError):
            read_often(text, MADRID)
        return
    timing, rest = read_often(text, MADRID)
    assert rule(timing).startswith(said)
    assert rest == order


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("tomorrow status", "At what time?"),
        ("09:00 today status", "09:00 on 2026-11-20 is over."),
        ("25:00 status", "25:00 is not a time."),
        ("13pm status", "13pm is not a time."),
        ("09:00 10:00 status", "10:00 is a second time."),
        ("09:00 2027-02-29 status", "There is no day 2027-02-29."),
        ("09:00 2029-02-28 status", "2029-02-28 is more than a year ahead."),
        ("09:00 Europe/Madird status", "There is no time zone Europe/Madird."),
        ("02:30 2027-03-28 status", "2027-03-28 has no 02:30 in Europe/Madrid: the clocks go forward."),
        ("09:00 tomorrow", "The order itself is missing."),
        ("09:00 tomorrow 2026-12-24 status", "That names more than one day."),
        ("09:00 weekday status", "every weekday is a rule, and at is for once."),
    ],
)
def test_what_is_no_moment_ahead_is_refused(text: str, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_once(text, FRIDAY_NOON, MADRID)
    assert caught.value.sentence == told


@pytest.mark.parametrize("text", ["18:00 status", "tomorrow 18:00 status", "2026-12-24 18:00 status", "weekday status"])
def test_a_rule_without_days_or_time_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        read_often(text, MADRID)


def test_a_leap_day_is_a_day() -> None:
    now = datetime(2027, 12, 1, tzinfo=UTC)
    timing, _ = read_once("09:00 2028-02-29 status", now, MADRID)
    assert following(timing, now) == datetime(2028, 2, 29, 8, tzinfo=UTC)
    every_day = Timing(9 * 60, "UTC", days=EVERY_DAY)
    assert following(every_day, datetime(2028, 2, 28, 9, tzinfo=UTC)) == datetime(2028, 2, 29, 9, tzinfo=UTC)


def test_a_night_without_half_past_two_has_it_at_the_leap() -> None:
    at_night = Timing(2 * 60 + 30, MADRID, days=EVERY_DAY)
    found = following(at_night, datetime(2027, 3, 27, 12, tzinfo=UTC))
    assert found == datetime(2027, 3, 28, 1, 0, tzinfo=UTC)


def test_a_night_with_two_half_past_twos_has_one() -> None:
    at_night = Timing(2 * 60 + 30, MADRID, days=EVERY_DAY)
    first = following(at_night, datetime(2026, 10, 24, 12, tzinfo=UTC))
    assert first == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert following(at_night, first) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


@given(timings, moments)
def test_the_next_moment_is_ahead_and_on_one_of_its_days(timing: Timing, after: datetime) -> None:
    found = following(timing, after)
    assert found is not None
    assert after < found <= after + timedelta(days=9)
    assert (found - timedelta(hours=1)).astimezone(ZoneInfo(timing.zone)).weekday() in {
        day for n in timing.days for day in (n, (n - 1) % 7, (n + 1) % 7)
    }


@given(timings, moments)
def test_every_day_of_it_has_exactly_one(timing: Timing, after: datetime) -> None:
    """Walked through one by one, no moment is left out and none comes twice, whatever the clocks do."""
    last = after + timedelta(days=21)
    walked = []
    moment = following(timing, after)
    while moment is not None and moment <= last:
        walked.append(moment)
        moment = following(timing, moment)
    days = [date.fromordinal(after.toordinal() + n) for n in range(-2, 25)]
    meant = {timing.on(day) for day in days if day.weekday() in timing.days}
    assert walked == sorted(m for m in meant if after < m <= last)
    assert not walked or between(timing, walked[0], last) == len(walked)


@given(timings, moments, st.integers(-3 * 86400, 3 * 86400))
def test_a_clock_that_jumps_neither_repeats_nor_stops_a_schedule(timing: Timing, now: datetime, jump: int) -> None:
    due = following(timing, now)
    assert due is not None
    later = following(timing, max(due, due + timedelta(seconds=jump)))
    assert later is not None
    assert later > due


@given(st.text(max_size=60), moments)
def test_whatever_is_typed_is_read_or_refused(text: str, now: datetime) -> None:
    with suppress(UsageError):
        timing, order = read_once(text, now, MADRID)
        assert order
        assert following(timing, now)
    with suppress(UsageError):
        timing, order = read_often(text, MADRID)
        assert order
        assert following(timing, now)
