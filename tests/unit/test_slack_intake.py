"""What Slack sends, signed or forged, once or again → what is received, and what the person reads."""

from collections.abc import Iterator
from datetime import UTC, datetime
from queue import Empty

import pytest

from bot.core.errors import Busy
from bot.core.model import Place, Request
from tests.unit.slack_stub import MEMBER, Slack, slack


@pytest.fixture
def talk() -> Iterator[Slack]:
    with slack() as found:
        yield found


def test_a_mention_is_an_order_from_who_said_it(talk: Slack) -> None:
    assert talk.mention("<@U0BOT> deploy web_app 3f2a91c").status == 200
    request = talk.next()
    assert request.text == "deploy web_app 3f2a91c"
    assert request.id == "C1:1700000000.000001"
    assert request.place == Place("slack", "C1")
    assert request.at == datetime.fromtimestamp(1700000000.000001, UTC)
    assert (request.who.name, request.who.email, request.who.groups) == (
        "dev1",
        "dev1@example.com",
        frozenset({"S0RELEASE", "releasers"}),
    )


def test_the_same_text_by_two_events_is_one_order(talk: Slack) -> None:
    talk.mention("<@U0BOT> status")
    talk.event(
        {"type": "message", "channel_type": "im", "user": "U1", "channel": "C1", "text": "s", "ts": "1700000000.000001"}
    )
    talk.mention("<@U0BOT> status")
    talk.mention("<@U0BOT> help", ts="1700000000.000002")
    assert {talk.next().text, talk.next().text} == {"status", "help"}
    assert talk.received.empty()


def test_in_a_thread_the_answer_belongs_there(talk: Slack) -> None:
    talk.mention("<@U0BOT> why eventservice", thread_ts="1699.1")
    assert talk.next().place.thread == "1699.1"


@pytest.mark.parametrize(
    "more",
    [{"bot_id": "B1"}, {"subtype": "message_changed"}, {"subtype": "bot_message"}, {"bot_profile": {"id": "B1"}}],
)
def test_what_no_person_said_is_not_heard(talk: Slack, more: dict[str, object]) -> None:
    event = {"type": "message", "channel_type": "im", "user": "U1", "channel": "D1", "text": "status", "ts": "1.1"}
    assert talk.event({**event, **more}).status == 200
    talk.event({**event, "ts": "1.2", "text": "help"})
    assert talk.next().text == "help"
    assert talk.received.empty()


@pytest.mark.parametrize("subtype", ["thread_broadcast", "file_share"])
def test_what_is_said_with_a_file_or_to_the_channel_too_is_said(talk: Slack, subtype: str) -> None:
    talk.mention("<@U0BOT> status", subtype=subtype, thread_ts="1699.1", files=[{"id": "F1"}], user="W0GRID")
    request = talk.next()
    assert (request.text, request.place.thread, request.who.id) == ("status", "1699.1", "W0GRID")


EDITED = {"user": "U1", "ts": "1700000009.000001"}


def test_what_a_message_is_edited_to_is_said_to_be_no_order(talk: Slack) -> None:
    """Slack mentions the bot anew, by the same ts: months later that order may be forgotten."""
    talk.mention("<@U0BOT> deplyo web_app 3f2a91c")
    assert talk.next().text == "deplyo web_app 3f2a91c"
    for _ in range(2):
        talk.mention("<@U0BOT> deploy web_app 3f2a91c", edited=EDITED, thread_ts="1699.1")
    said = talk.stub.asked_for("chat.postEphemeral")
    assert (said["user"], said["thread_ts"]) == ("U1", "1699.1")
    assert said["text"] == (
        "! An edited message is no order.\nOnly what is sent anew is carried out.\n    deploy web_app 3f2a91c"
    )
    talk.mention("<@U0BOT> status", ts="1700000010.000001")
    assert talk.next().text == "status"
    assert talk.received.empty()


def changed(text: str, before: str, **more: object) -> dict[str, object]:
    message = {"user": "U1", "ts": "1.1", "text": text, **more}
    return {
        "type": "message",
        "subtype": "message_changed",
        "channel_type": "im",
        "channel": "D1",
        "ts": "1.2",
        "message": message,
        "previous_message": {**message, "text": before},
    }


def test_neither_is_what_is_edited_in_a_direct_message(talk: Slack) -> None:
    talk.event(changed("scale web_app 4", "scale web_app 5", edited=EDITED))
    said = talk.stub.asked_for("chat.postMessage")
    assert said["channel"] == "D1"
    assert said["text"].startswith("! An edited message is no order.")
    assert talk.received.empty()


@pytest.mark.parametrize(
    "event",
    [
        changed("see http://a.b", "see http://a.b", edited=EDITED),
        changed("✓ done", "… starting", bot_id="B1", user="U0BOT"),
        changed("✓ done", "… starting", user="U0BOT", edited={"user": "U0BOT", "ts": "2.1"}),
        {**changed("", "scale web_app 5"), "subtype": "message_deleted", "message": None},
    ],
)
def test_what_slack_or_the_bot_changed_and_what_was_deleted_is_not_heard(talk: Slack, event: dict[str, object]) -> None:
    assert talk.event(event).status == 200
    talk.mention("<@U0BOT> status")
    assert talk.next().text == "status"
    assert talk.received.empty()
    with pytest.raises(Empty):
        while talk.stub.asked.get_nowait()[0] not in ("chat.postMessage", "chat.postEphemeral"):
            pass


def test_what_is_said_in_a_channel_is_not_meant_for_the_bot(talk: Slack) -> None:
    event = {"type": "message", "channel_type": "channel", "user": "U1", "channel": "C1", "text": "deploy", "ts": "1.1"}
    assert talk.event(event).status == 200
    talk.mention("<@U0BOT> status")
    assert talk.next().text == "status"


def test_a_slash_command_is_its_order_and_the_umbrella_any(talk: Slack) -> None:
    talk.slash("/deploy", "web_app 3f2a91c to staging")
    assert talk.next().text == "deploy web_app 3f2a91c to staging"
    talk.slash("/qd", "status &amp; more", trigger="t2")
    assert talk.next().text == "status & more"
    talk.slash("/qd", trigger="t3")
    assert talk.next().text == "help"


def test_a_slash_command_where_the_bot_cannot_post_is_refused_before_anything_happens(talk: Slack) -> None:
    talk.stub.says["conversations.info"] = {"channel": {"id": "C1", "is_member": False}}
    talk.slash("/deploy", "web_app 3f2a91c", response_url=f"{talk.stub.url}respond")
    said = talk.stub.asked_for("respond")
    assert said["response_type"] == "ephemeral"
    assert said["text"].split("\n")[1:] == [
        "quarterdeck is not in this channel. Let it in:",
        "    /invite @quarterdeck",
    ]
    assert talk.received.empty()


@pytest.mark.parametrize(
    ("channel", "fact"),
    [
        ({"error": "channel_not_found"}, "quarterdeck has no part in what is written here."),
        ({"channel": {"id": "D9", "is_archived": True}}, "The channel is archived."),
    ],
)
def test_where_nobody_can_let_it_in_the_refusal_names_no_invitation(
    talk: Slack, channel: dict[str, object], fact: str
) -> None:
    talk.stub.says["conversations.info"] = channel
    talk.slash("/deploy", "web_app 3f2a91c", channel_id="D9", response_url=f"{talk.stub.url}respond")
    said = talk.stub.asked_for("respond")["text"].split("\n")
    assert said[1:] == [fact, "Order in another channel, or in a direct message."]
    assert talk.received.empty()


def test_a_button_is_its_command_and_a_second_press_says_so(talk: Slack) -> None:
    talk.press("rollback web_app in production")
    assert talk.next().text == "rollback web_app in production"
    talk.press("rollback web_app in production", at="2.2")
    assert "You have just pressed that button." in talk.stub.asked_for("chat.postEphemeral")["text"]
    talk.press("rollback web_app in production", at="2.1")
    assert talk.received.empty()


def test_two_people_may_press_one_button_in_one_moment(talk: Slack) -> None:
    """Each has an answer of their own: approvals count people, and a refusal is nobody else's."""
    talk.press("approve 1", at="2.1", user="U1")
    talk.press("approve 1", at="2.2", user="U2")
    assert {talk.next().who.id, talk.next().who.id} == {"U1", "U2"}


def stands(talk: Slack, *orders: str) -> None:
    row = {"type": "actions", "elements": [{"type": "button", "value": order} for order in orders]}
    talk.stub.says["conversations.history"] = {"messages": [{"ts": "1.000001", "blocks": [row]}]}


def test_a_button_that_its_message_has_no_more_is_refused_with_the_order_to_type(talk: Slack) -> None:
    stands(talk, "history web_app in production")
    talk.press("pause web_app in production")
    said = talk.stub.asked_for("chat.postEphemeral")["text"]
    assert said.startswith("! That button is gone.")
    assert "pause web_app in production" in said
    assert talk.received.empty()


def test_a_button_that_still_stands_is_named_with_the_request(talk: Slack) -> None:
    stands(talk, "pause web_app in production")
    talk.press("pause web_app in production")
    assert (talk.next().button or "").startswith("C1:1.000001:pause web_app in production:")


def test_a_message_that_cannot_be_looked_at_keeps_its_buttons(talk: Slack) -> None:
    talk.stub.says["conversations.history"] = {"error": "missing_scope", "needed": "channels:history"}
    talk.press("pause web_app in production")
    assert talk.next().text == "pause web_app in production"


def test_too_many_orders_are_answered_with_busy() -> None:
    def busy(_request: Request) -> None:
        raise Busy("256 orders are waiting already.")

    with slack(receive=busy) as talk:
        talk.mention("<@U0BOT> status")
        said = talk.stub.asked_for("chat.postEphemeral")
    assert said["text"].startswith("! 256 orders are waiting already.")
    assert said["user"] == "U1"


def test_nobody_acts_whom_slack_does_not_name(talk: Slack) -> None:
    talk.stub.says["users.info"] = {"error": "internal_error"}
    talk.mention("<@U0BOT> deploy web_app 3f2a91c")
    assert "Slack has trouble of its own." in talk.stub.asked_for("chat.postEphemeral")["text"]
    assert talk.received.empty()


@pytest.mark.parametrize(
    ("user", "outsider"),
    [
        ({"is_restricted": True}, "a guest"),
        ({"is_ultra_restricted": True}, "a guest"),
        ({"deleted": True}, "deactivated"),
        ({"is_stranger": True}, "from another workspace"),
        ({"team_id": "T2"}, "from another workspace"),
        ({"is_bot": True}, "a bot"),
    ],
)
def test_who_is_no_member_has_no_email_and_no_group(talk: Slack, user: dict[str, object], outsider: str) -> None:
    talk.stub.says["users.info"] = {"user": {**MEMBER, **user}}
    talk.mention("<@U0BOT> status")
    who = talk.next().who
    assert (who.outsider, who.email, who.groups) == (outsider, None, frozenset())


def test_what_is_remembered_of_a_person_does_not_vouch_for_them(talk: Slack) -> None:
    talk.mention("<@U0BOT> status")
    who = talk.next().who
    talk.stub.says["users.info"] = {"user": {**MEMBER, "deleted": True}}
    assert (who.outsider, talk.platform.vouch(who).outsider) == ("", "deactivated")


def test_a_member_of_another_workspace_of_the_organisation_may_be_one_of_ours(talk: Slack) -> None:
    talk.stub.says["users.info"] = {"user": {**MEMBER, "team_id": "T2", "enterprise_user": {"teams": ["T1", "T2"]}}}
    talk.mention("<@U0BOT> status")
    assert talk.next().who.outsider == ""


def test_an_email_that_was_not_confirmed_proves_nothing(talk: Slack) -> None:
    talk.stub.says["users.info"] = {"user": {**MEMBER, "is_email_confirmed": False}}
    talk.mention("<@U0BOT> status")
    assert talk.next().who.email is None


def test_where_there_are_no_user_groups_nobody_is_in_one(talk: Slack) -> None:
    talk.stub.says["usergroups.list"] = {"error": "missing_scope", "needed": "usergroups:read"}
    talk.mention("<@U0BOT> status")
    assert talk.next().who.groups == frozenset()


def test_what_slack_made_of_a_text_is_undone(talk: Slack) -> None:
    talk.mention("<@U0BOT> lock web.app &quot;<@U1> &amp; <#C9|ops>, <!here>: <http://web.app|web.app> &lt;b&gt;")
    assert talk.next().text == "lock web.app &quot;@dev1 & #ops, @here: web.app <b>"


@pytest.mark.parametrize("wrapped", ["`status`", "```status```", "``` status\n```"])
def test_an_order_that_was_pasted_as_code_is_that_order(talk: Slack, wrapped: str) -> None:
    talk.mention(f"<@U0BOT> {wrapped}")
    assert talk.next().text == "status"


@pytest.mark.parametrize("word", ["`3f2a91c`", "3f2a91c"])
def test_a_word_that_was_pasted_as_code_is_that_word(talk: Slack, word: str) -> None:
    talk.mention(f"<@U0BOT> deploy `web_app` {word} to staging --override `a b`")
    assert talk.next().text == "deploy web_app 3f2a91c to staging --override `a b`"


def test_whoever_names_a_thousand_people_makes_slack_tell_of_a_few(talk: Slack) -> None:
    """Slack says only so often who somebody is: nobody else could order for a while."""
    talk.mention(f"<@U0BOT> lock web_app {' '.join(f'<@U{n:04}>' for n in range(1_000))}")
    text = talk.next().text
    asked = [talk.stub.asked.get_nowait()[0] for _ in range(talk.stub.asked.qsize())]
    assert text.startswith("lock web_app @dev1 @dev1 @dev1 @dev1 @dev1 @U0005")
    assert asked.count("users.info") == 6


def test_a_long_text_that_begins_as_code_holds_up_nobody(talk: Slack) -> None:
    """While a pattern is tried on it in every way there is, nothing else of the process runs."""
    for number, fence in enumerate(("`", "```")):
        talk.mention(f"<@U0BOT> {fence}{' ' * 39_000}x", ts=f"1.{number}")
        assert talk.next().text == f"{fence}{' ' * 39_000}x"


@pytest.mark.parametrize("called", ["<@U0BOT>:", "hey <@U0BOT>", "Hi, <@U0BOT|qd>", "<@U0BOT> <@U0BOT>"])
def test_the_bot_may_be_greeted(talk: Slack, called: str) -> None:
    talk.mention(f"{called} status web_app")
    assert talk.next().text == "status web_app"


def test_the_bots_name_within_a_sentence_is_no_order(talk: Slack) -> None:
    talk.mention("do not let <@U0BOT|qd> deploy web_app 3f2a91c")
    assert talk.next().text == "do not let @qd deploy web_app 3f2a91c"
