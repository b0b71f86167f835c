"""Threads of our own: rounds that go on whatever breaks, and jobs that wait for their time without holding a thread."""

from threading import Event

import pytest

from bot.every import Every
from bot.workers import Workers

PATIENCE = 30.0


def test_what_breaks_in_one_round_does_not_end_the_rounds(caplog: pytest.LogCaptureFixture) -> None:
    second = Event()
    rounds: list[int] = []

    def step() -> None:
        rounds.append(len(rounds))
        if len(rounds) == 1:
            every.nudge()
            raise ZeroDivisionError
        second.set()

    every = Every("often", 3600.0, step)
    every.start()
    every.nudge()
    assert second.wait(PATIENCE)
    every.stop()
    assert rounds == [0, 1]
    assert "a round of often broke" in caplog.text


def test_rounds_that_never_began_can_be_stopped() -> None:
    Every("never", 3600.0, list).stop()


def test_a_job_that_waits_for_its_time_holds_no_thread() -> None:
    later, sooner = Event(), Event()
    workers = Workers(threads=1)
    workers.submit(later.set, after=0.05)
    workers.submit(sooner.set)
    workers.start()
    assert sooner.wait(PATIENCE)
    assert later.wait(PATIENCE)
    workers.stop()


def test_what_is_not_due_at_the_end_is_given_up_and_said(caplog: pytest.LogCaptureFixture) -> None:
    done = Event()
    workers = Workers(threads=2)
    workers.submit(done.set, after=3600.0)
    workers.start()
    workers.stop()
    assert not done.is_set()
    assert "given up at the end: 1 job" in caplog.text
