"""Other bots that mention us: unheard unless allowed, nobody but themselves, and not answered for ever."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from queue import Empty

import pytest

from bot.core.model import Reply, Request, Tone
from tests.unit.slack_stub import MEMBER, Json, Slack, slack
from tests.unit.test_slack_people import HandClock

ALLOWED = frozenset({"B0CIBOT", "B0BOT", "B0OTHER"})
BY_CI: Json = {"bot_id": "B0CIBOT", "app_id": "A0CI", "user": "U0CI"}
PROFILE = {"id": "B0CIBOT", "app_id": "A0CI", "name": "ci"}
REFUSED = Reply(title="There is no command deplyo.", tone=Tone.WARNING, private=True, code="usage")


@pytest.fixture
def talk() -> Iterator[Slack]:
    with slack(bots=ALLOWED) as found:
        yield found


def hears_people_alone(talk: Slack) -> None:
    talk.mention("<@U0BOT> help", ts="9.9")
    assert talk.next().text == "help"
    assert talk.received.empty()


@pytest.mark.parametrize(
    "more",
    [{}, {"bot_profile": PROFILE}, {"user": None, "subtype": "bot_message", "username": "dev1"}, {"user": "U1"}],
)
def test_a_bot_that_is_allowed_orders_as_itself_whoever_it_speaks_for(talk: Slack, more: Json) -> None:
    """With a person's token an app speaks in their name, and a webhook under any name it likes."""
    talk.stub.says["users.info"] = {"user": {**MEMBER, "is_bot": True}}
    talk.mention("<@U0BOT> deploy web_app 3f2a91c", **{**BY_CI, **more})
    request = talk.next()
    who = request.who
    assert (request.text, request.id) == ("deploy web_app 3f2a91c", "C1:1700000000.000001")
    assert (who.person, who.name, who.email, who.groups) == ("slack:b0cibot", "ci", None, frozenset())
    assert (who.robot, who.outsider) == (True, "")


def test_what_it_says_is_delivered_twice_and_heard_once(talk: Slack) -> None:
    for _ in range(2):
        talk.mention("<@U0BOT> status", **BY_CI)
    assert talk.next().who.robot
    hears_people_alone(talk)


@pytest.mark.parametrize(
    "more",
    [
        {"bot_id": "B0STRANGE"},
        {"edited": {"user": "U0CI", "ts": "1700000001.0"}},
        {"subtype": "channel_join"},
        {"bot_id": None, "bot_profile": PROFILE},
        {"bot_id": "B0BOT", "user": "U0BOT", "app_id": "A0BOT"},
        {"bot_id": "B0OTHER", "app_id": "A0BOT"},
        {"bot_id": "B0OTHER", "app_id": None, "bot_profile": {"app_id": "A0BOT"}},
        {"bot_id": "B0BOT", "app_id": None, "user": None},
    ],
)
def test_no_other_bot_is_heard_and_never_its_own_self(talk: Slack, more: Json) -> None:
    """Its own slash commands answer by another bot's id than its messages, so being named does not let it in."""
    assert talk.mention("<@U0BOT> deploy web_app 3f2a91c", ts="1.1", **{**BY_CI, **more}).status == 200
    hears_people_alone(talk)


def test_a_bot_whose_user_is_its_own_is_itself_by_whatever_id(talk: Slack) -> None:
    talk.stub.says["bots.info"] = {"bot": {"id": "B0OTHER", "name": "qd", "user_id": "U0BOT"}}
    talk.mention("<@U0BOT> status", ts="1.1", bot_id="B0OTHER", user=None)
    assert talk.stub.asked_for("bots.info") == {"bot": "B0OTHER"}
    hears_people_alone(talk)


def test_an_allowed_bot_is_not_heard_in_a_direct_message(talk: Slack) -> None:
    talk.event({"type": "message", "channel_type": "im", "channel": "D1", "text": "status", "ts": "1.1", **BY_CI})
    hears_people_alone(talk)


def test_without_the_key_no_bot_is_heard_and_the_log_has_its_id_once(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "bot.chat.slack.robots"), slack() as talk:
        for ts in ("1.1", "1.2"):
            talk.mention("<@U0BOT> status", ts=ts, **BY_CI)
        hears_people_alone(talk)
    assert [r.getMessage() for r in caplog.records if r.name == "bot.chat.slack.robots"] == [
        "bot B0CIBOT is not heard: chat.slack.allow_bots does not name it"
    ]


@pytest.mark.parametrize(
    ("method", "answer", "outsider"),
    [
        ("bots.info", {"bot": {"id": "B0CIBOT", "name": "ci", "deleted": True}}, "deactivated"),
        ("bots.info", {"error": "bot_not_found"}, "unknown to this workspace"),
        ("users.info", {"user": {**MEMBER, "is_bot": True, "team_id": "T2"}}, "from another workspace"),
        ("users.info", {"error": "user_not_found"}, "unknown to this workspace"),
    ],
)
def test_a_bot_that_slack_does_not_vouch_for_is_an_outsider(
    talk: Slack, method: str, answer: Json, outsider: str
) -> None:
    talk.stub.says[method] = answer
    talk.mention("<@U0BOT> deploy web_app 3f2a91c", **BY_CI)
    who = talk.next().who
    assert (who.outsider, who.robot) == (outsider, True)


def test_a_bot_of_which_slack_says_nothing_does_nothing(talk: Slack) -> None:
    talk.stub.says["bots.info"] = {"error": "internal_error"}
    talk.mention("<@U0BOT> deploy web_app 3f2a91c", **BY_CI)
    assert "Slack has trouble of its own." in talk.stub.asked_for("chat.postMessage")["text"]
    assert talk.received.empty()


def test_what_was_ordered_long_ago_is_vouched_for_anew() -> None:
    with slack(bots=frozenset({"B0CIBOT"})) as talk:
        talk.mention("<@U0BOT> status", **BY_CI)
        who = talk.next().who
        assert talk.platform.vouch(who) == who
    with slack() as talk:
        assert talk.platform.vouch(who).outsider == "a bot that is not allowed"


def answers(talk: Slack) -> list[Json]:
    found: list[Json] = []
    try:
        while True:
            method, said = talk.stub.asked.get_nowait()
            assert method != "chat.postEphemeral"
            if method == "chat.postMessage":
                found.append(said)
    except Empty:
        return found


def refused(talk: Slack, ts: str, **more: str) -> Request:
    talk.mention("<@U0BOT> deplyo", ts=ts, **{**BY_CI, **more})
    request = talk.next()
    talk.platform.whisper(request, REFUSED)
    return request


def test_a_refusal_of_a_bot_stands_under_what_it_said(talk: Slack) -> None:
    """Slack shows no bot what is for one person's eyes."""
    refused(talk, "1.1")
    refused(talk, "1.2", thread_ts="1.0")
    assert [(said["channel"], said["thread_ts"]) for said in answers(talk)] == [("C1", "1.1"), ("C1", "1.0")]


def test_two_bots_that_refuse_each_other_come_to_an_end() -> None:
    clock = HandClock()
    with slack(clock, bots=ALLOWED) as talk:
        for number in range(5):
            refused(talk, f"1.{number}")
            clock.at += timedelta(minutes=10)
        said = answers(talk)
        assert ["no more such answers" in answer["text"] for answer in said] == [False, False, True]
        clock.at += timedelta(hours=1)
        refused(talk, "2.1")
        assert len(answers(talk)) == 1


def test_a_long_answer_to_a_bot_is_a_file_under_what_it_said(talk: Slack) -> None:
    talk.mention("<@U0BOT> logs web_app", ts="1.1", **BY_CI)
    request = talk.next()
    talk.platform.whisper(
        request, Reply(title="Logs", body="\n".join(f"    line {n}" for n in range(2000)), private=True)
    )
    asked = [talk.stub.asked.get_nowait()[0] for _ in range(talk.stub.asked.qsize())]
    assert "files.getUploadURLExternal" in asked
    assert "conversations.open" not in asked
