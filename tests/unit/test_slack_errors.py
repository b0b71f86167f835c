"""Whatever Slack answers becomes an error of ours, and none of them holds a token."""

import pytest

from bot.chat.slack.failures import TABLE
from bot.core.errors import Invalid, NotAllowed, NotFound, QuarterdeckError, Unavailable
from bot.core.model import Message, Place, Reply
from tests.unit.slack_stub import TOKEN, Slack, slack

MESSAGE = Message("order:1", Place("slack", "C1"), Reply("6 services"))
CODES = sorted(code for codes, _make in TABLE for code in codes)


def refused(talk: Slack) -> QuarterdeckError:
    with pytest.raises(QuarterdeckError) as caught:
        talk.platform.post(MESSAGE)
    assert TOKEN not in repr((caught.value, caught.value.sentence, caught.value.fact, caught.value.hint))
    return caught.value


@pytest.mark.parametrize("code", [*CODES, "invented_tomorrow", "", "<@U1>"])
def test_every_refusal_is_an_error_of_ours(code: str) -> None:
    with slack() as talk:
        talk.stub.says["chat.postMessage"] = {"error": code}
        error = refused(talk)
    assert error.sentence.endswith(".")
    assert "<" not in error.fact


@pytest.mark.parametrize(
    ("fields", "lacks"),
    [
        ({"needed": "users:read.email"}, "It lacks the scope users:read.email."),
        ({"needed": "im:read,mpim:read", "provided": "chat:write,im:read"}, "It lacks the scope mpim:read."),
        ({"needed": "<@U1>"}, "It lacks a scope."),
        ({"needed": None}, "It lacks a scope."),
    ],
)
def test_a_scope_that_is_missing_is_called_as_slack_calls_it(fields: dict[str, str | None], lacks: str) -> None:
    with slack() as talk:
        talk.stub.says["chat.postMessage"] = {"error": "missing_scope", **fields}
        assert refused(talk).fact == lacks


def test_among_several_people_whom_it_is_with_it_can_write() -> None:
    with slack() as talk:
        talk.stub.says["conversations.info"] = {"channel": {"id": "G1", "is_mpim": True}}
        assert talk.platform.writable(Place("slack", "G1")) is None


def test_a_429_says_when_and_the_next_call_is_not_even_made() -> None:
    with slack() as talk:
        talk.stub.faults["chat.postMessage"] = (429, {"Retry-After": "7"}, b'{"ok": false, "error": "ratelimited"}')
        first = refused(talk)
        del talk.stub.faults["chat.postMessage"]
        second = refused(talk)
    assert isinstance(first, Unavailable)
    assert first.retry_after == 7
    assert isinstance(second, Unavailable)
    assert second.retry_after is not None
    assert 0 < second.retry_after <= 7


def test_one_channel_that_is_told_to_wait_holds_up_no_other() -> None:
    with slack() as talk:
        talk.stub.faults["chat.postMessage"] = (429, {"Retry-After": "7"}, b"{}")
        refused(talk)
        del talk.stub.faults["chat.postMessage"]
        place = talk.platform.post(Message("order:2", Place("slack", "C2"), Reply("b")))
    assert place.message == "1.000001"


@pytest.mark.parametrize(
    ("status", "body"),
    [(500, b"<html>"), (502, b""), (200, b"<html>not json"), (200, b"[]"), (404, b"nothing"), (503, b'{"ok": false}')],
)
def test_what_is_no_answer_of_slack_is_unavailable_or_refused(status: int, body: bytes) -> None:
    with slack() as talk:
        talk.stub.faults["chat.postMessage"] = (status, {}, body)
        assert isinstance(refused(talk), Unavailable | Invalid)


def test_nobody_there_is_unavailable() -> None:
    with slack() as talk:
        pass
    assert isinstance(refused(talk), Unavailable)


def test_a_revoked_token_is_what_is_wrong_until_it_is_not() -> None:
    with slack() as talk:
        assert talk.platform.healthy() is None
        talk.stub.says["chat.postMessage"] = {"error": "token_revoked"}
        refused(talk)
        assert "token_revoked" in (talk.platform.healthy() or "")
        talk.stub.says["chat.postMessage"] = {"channel": "C1", "ts": "1.1"}
        talk.platform.post(MESSAGE)
        assert talk.platform.healthy() is None


@pytest.mark.parametrize(
    ("code", "kind"), [("not_in_channel", NotAllowed), ("message_not_found", NotFound), ("missing_scope", Invalid)]
)
def test_what_is_said_of_the_common_ones(code: str, kind: type[QuarterdeckError]) -> None:
    with slack() as talk:
        talk.stub.says["chat.postMessage"] = {"error": code, "needed": "chat:write"}
        error = refused(talk)
    assert type(error) is kind
    if kind is NotAllowed:
        assert error.hint == "/invite @quarterdeck"
    if kind is Invalid:
        assert "chat:write" in error.fact


def test_where_it_may_not_post_it_says_what_to_type() -> None:
    with slack() as talk:
        talk.stub.says["conversations.info"] = {"error": "channel_not_found"}
        assert (talk.platform.writable(Place("slack", "C1")) or "").endswith("/invite @quarterdeck")
        talk.stub.says["conversations.info"] = {"channel": {"is_member": True, "is_archived": True}}
        assert "archived" in (talk.platform.writable(Place("slack", "C1")) or "")
        talk.stub.says["conversations.info"] = {"channel": {"is_im": True}}
        assert talk.platform.writable(Place("slack", "D1")) is None


def test_a_message_carries_its_key_and_unfurls_nothing() -> None:
    with slack() as talk:
        talk.platform.post(MESSAGE)
        said = talk.stub.asked_for("chat.postMessage")
    assert said["metadata"] == {"event_type": "quarterdeck", "event_payload": {"key": "order:1"}}
    assert (said["unfurl_links"], said["unfurl_media"], said["parse"], said["link_names"]) == (False,) * 2 + (
        "none",
        False,
    )


def test_who_asked_in_a_thread_that_is_gone_is_answered_beside_it() -> None:
    with slack() as talk:
        talk.stub.says["chat.postEphemeral"] = {"error": "thread_not_found"}
        talk.mention("<@U0BOT> whoami", thread_ts="0.9")
        request = talk.next()
        with pytest.raises(NotFound):
            talk.platform.whisper(request, Reply("You are @dev1", private=True))
        said = [talk.stub.asked_for("chat.postEphemeral") for _ in range(2)]
    assert [("thread_ts" in answer, answer["channel"], answer["user"]) for answer in said] == [
        (True, "C1", "U1"),
        (False, "C1", "U1"),
    ]
