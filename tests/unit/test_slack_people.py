"""Who is asked for again, and what is remembered no longer than it should be."""

from datetime import datetime, timedelta

from bot.chat.recent import Recent
from tests.contract.platform_kit import NOW
from tests.unit.slack_stub import MEMBER, slack


class HandClock:
    """Time that a test moves."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at

    def real(self, seconds: float) -> float:
        return seconds


def test_a_person_is_asked_for_once_and_again_after_a_while() -> None:
    clock = HandClock()
    with slack(clock) as talk:
        talk.mention("<@U0BOT> status", ts="1.1")
        assert talk.next().who.outsider == ""
        talk.stub.says["users.info"] = {"user": {**MEMBER, "deleted": True}}
        talk.mention("<@U0BOT> status", ts="1.2")
        assert talk.next().who.outsider == ""
        clock.at += timedelta(minutes=6)
        talk.mention("<@U0BOT> status", ts="1.3")
        assert talk.next().who.outsider == "deactivated"


def test_what_is_remembered_is_forgotten_by_age_and_by_number() -> None:
    clock = HandClock()
    recent: Recent[int, str] = Recent(clock, timedelta(minutes=1), 2)
    assert recent.first(1, "a") is None
    assert recent.first(1, "b") == "a"
    recent.put(2, "c")
    recent.put(3, "d")
    assert [recent.get(number) for number in (1, 2, 3)] == [None, "c", "d"]
    clock.at += timedelta(minutes=1)
    assert recent.get(3) is None
    assert recent.first(3, "e") is None


def test_a_button_may_be_pressed_again_later() -> None:
    clock = HandClock()
    with slack(clock) as talk:
        talk.press("logs web_app", at="2.1")
        assert talk.next().text == "logs web_app"
        clock.at += timedelta(seconds=6)
        talk.press("logs web_app", at="2.2")
        assert talk.next().text == "logs web_app"
