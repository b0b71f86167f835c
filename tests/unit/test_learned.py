"""What a chat that told us to wait is spared, and for how long."""

from datetime import datetime, timedelta

import pytest

from bot.chat.learned import Learned
from bot.core.errors import Unavailable
from tests.contract.platform_kit import NOW, StillClock


class HandClock(StillClock):
    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at


def told_to_wait(clock: HandClock) -> Learned[str, str]:
    learned = Learned[str, str]("Slack", "Slack no longer takes", clock)
    with pytest.raises(Unavailable), learned.through("posts"):
        raise Unavailable("Slack takes no more messages.", retry_after=30)
    return learned


def test_only_the_door_that_was_closed_stays_closed_and_only_for_so_long() -> None:
    clock = HandClock()
    learned = told_to_wait(clock)
    with learned.through("edits"):
        pass
    clock.at += timedelta(seconds=29)
    with pytest.raises(Unavailable) as refused, learned.through("posts"):
        raise AssertionError("nothing may be sent")
    assert refused.value.retry_after == 1
    clock.at += timedelta(seconds=1)
    with learned.through("posts"):
        pass


def test_a_clock_that_was_set_back_keeps_nobody_waiting() -> None:
    clock = HandClock()
    learned = told_to_wait(clock)
    clock.at -= timedelta(hours=1)
    with learned.through("posts"):
        pass


def test_a_token_that_is_not_taken_is_trouble_until_it_is_taken_again() -> None:
    learned = told_to_wait(HandClock())
    assert learned.trouble is None
    with pytest.raises(Unavailable), learned.through("edits"):
        raise Unavailable("Slack no longer takes the token.")
    assert learned.trouble == "Slack no longer takes the token."
    with learned.through("edits"):
        pass
    assert learned.trouble is None
