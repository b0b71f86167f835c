"""What Slack grants is never exceeded, verdicts pass progress, and a crowd comes back one by one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.slack.budget import GRANTS, POST, UPDATE, Budget, door
from bot.core.errors import Unavailable
from bot.core.model import Message, Place, Reply
from tests.unit.slack_stub import slack

EDIT = door(UPDATE, "C1")


class Time:
    def __init__(self) -> None:
        self.at = 1_000.0

    def __call__(self) -> float:
        return self.at


def granted(budget: Budget, most: int, *, final: bool) -> int:
    return sum(budget.wait(EDIT, final=final) == 0 for _ in range(most))


def test_a_burst_then_one_by_one() -> None:
    time = Time()
    budget, grant = Budget(time), GRANTS[UPDATE]
    assert granted(budget, 100, final=True) == grant.burst
    time.at += grant.every
    assert granted(budget, 100, final=True) == 1


def test_verdicts_have_a_share_that_progress_cannot_use_up() -> None:
    budget, grant = Budget(Time()), GRANTS[UPDATE]
    assert granted(budget, 100, final=False) == grant.burst - grant.kept
    assert granted(budget, 100, final=True) == grant.kept


def test_posts_are_counted_by_channel_and_edits_together() -> None:
    budget = Budget(Time())
    for channel in ("C1", "C2"):
        assert [budget.wait(door(POST, channel), final=True) for _ in range(5)] == [0.0] * 5
        assert budget.wait(door(POST, channel), final=True) > 0
    assert door(UPDATE, "C1") == door(UPDATE, "C2")
    assert [budget.wait(door("users.info", ""), final=False) for _ in range(500)] == [0.0] * 500


@given(st.lists(st.tuples(st.floats(0, 5), st.booleans()), max_size=200))
def test_no_minute_gets_more_than_its_grant(steps: list[tuple[float, bool]]) -> None:
    time, took = Time(), list[float]()
    budget, grant = Budget(time), GRANTS[UPDATE]
    for step, final in steps:
        time.at += step
        if budget.wait(EDIT, final=final) == 0:
            took.append(time.at)
    for start in took:
        assert sum(start <= at < start + 60 for at in took) <= grant.burst + 60 / grant.every


def test_each_of_a_crowd_is_told_another_time_and_then_gets_through() -> None:
    time = Time()
    budget = Budget(time)
    granted(budget, 100, final=False)
    crowd = sorted(time.at + budget.wait(EDIT, final=False) for _ in range(50))
    assert len(set(crowd)) == len(crowd)
    for at in crowd:
        time.at = at + 0.01
        assert budget.wait(EDIT, final=False) == 0


def test_what_can_wait_is_not_even_sent_and_what_cannot_is() -> None:
    with slack() as talk:
        message = Message("k", Place("slack", "C1"), Reply(title="said"))
        posted = 0
        with pytest.raises(Unavailable) as caught:
            for posted in range(1_000):  # noqa: B007 - how many were sent before one was not
                talk.platform.post(message)
        assert 0 < (caught.value.retry_after or 0) <= GRANTS[POST].every
        asked = [talk.stub.asked.get()[0] for _ in range(talk.stub.asked.qsize())]
        assert asked.count(POST) == posted >= GRANTS[POST].burst
        talk.mention("<@U0BOT> status")
        talk.platform.whisper(talk.next(), Reply(title="only for you"))
        assert "only for you" in talk.stub.asked_for("chat.postEphemeral")["text"]
