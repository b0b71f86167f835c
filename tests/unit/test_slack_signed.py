"""Mode http: who is not Slack is told nothing, and what Slack sends that we do not know does no harm."""

import json
import logging
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat import Answer
from bot.chat.slack import Mode, SlackAccess, SlackPlatform
from bot.core.secret import Secret
from tests.contract.platform_kit import StillClock
from tests.unit.slack_stub import Slack, slack

EVENT = {"type": "app_mention", "user": "U1", "channel": "C1", "text": "<@U0BOT> deploy x y", "ts": "1.1"}


@pytest.fixture(scope="module")
def talk() -> Iterator[Slack]:
    with slack() as found:
        yield found


@pytest.mark.parametrize("more", [{"secret": "another"}, {"age": 60 * 10}, {"age": -60 * 10}])
def test_forged_and_old_signatures_are_refused_and_counted(talk: Slack, more: dict[str, object]) -> None:
    before = talk.platform.ignored.get("forged", 0)
    assert talk.event(EVENT, **more) == Answer(401)
    assert talk.platform.ignored["forged"] == before + 1
    assert talk.received.empty()


@pytest.mark.fuzz
@given(st.binary(max_size=300), st.text(max_size=30), st.text(max_size=80))
def test_whatever_is_not_signed_is_refused(raw: bytes, stamp: str, signature: str) -> None:
    headers = {"Content-Type": "application/json", "X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature}
    access = SlackAccess(Mode.HTTP, Secret("xoxb"), signing_secret=Secret("s"), api_url="http://127.0.0.1:9/")
    platform = SlackPlatform(access, StillClock())
    assert platform.handle(headers, raw) == Answer(401)


@pytest.mark.parametrize("raw", [b"[" * 100_000, b"{", b"[1]", b'"a"', b"payload=[1]", b"null"])
def test_bodies_that_mean_nothing_do_no_harm(talk: Slack, raw: bytes) -> None:
    assert talk.platform.handle({"content-type": "application/json"}, raw).status == 401
    assert talk.send(raw, "application/json").status in (200, 400)
    assert talk.received.empty()


def test_slacks_own_question_is_answered(talk: Slack) -> None:
    said = talk.send(json.dumps({"type": "url_verification", "challenge": "abc"}).encode(), "application/json")
    assert said.status == 200
    assert "abc" in said.body


def test_what_is_not_for_us_is_acknowledged_and_logged_once(talk: Slack, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        for _ in range(3):
            assert talk.event({"type": "emoji_changed", "secret": "s3cret"}).status == 200
            assert talk.send(b'{"type": "from_the_future"}', "application/json").status == 200
    said = [record.getMessage() for record in caplog.records if "not for us" in record.getMessage()]
    assert len(said) == 2
    assert not any("s3cret" in line for line in said)


@pytest.mark.parametrize(
    "payload",
    [
        {"type": "event_callback"},
        {"type": "event_callback", "event": None},
        {"type": "event_callback", "event": {"type": "app_mention"}},
        {"type": "event_callback", "event": {"type": "message", "channel_type": "im"}},
        {"type": "block_actions", "actions": []},
        {"type": "block_actions", "actions": [{"action_id": "order:0"}], "container": {}, "user": {}},
        {"type": "view_submission", "view": {"callback_id": "x"}},
    ],
)
def test_half_a_payload_is_acknowledged(talk: Slack, payload: dict[str, object]) -> None:
    assert talk.send(json.dumps(payload).encode(), "application/json").status == 200
    assert talk.received.empty()


def test_in_mode_socket_nothing_is_taken_by_http() -> None:
    access = SlackAccess(Mode.SOCKET, Secret("xoxb"), app_token=Secret("xapp"), api_url="http://127.0.0.1:9/")
    assert SlackPlatform(access, StillClock()).handle({}, b"{}") == Answer(401)


def test_a_mode_without_its_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="signing_secret"):
        SlackAccess(Mode.HTTP, Secret("xoxb"), app_token=Secret("xapp"))
    with pytest.raises(ValueError, match="app_token"):
        SlackAccess(Mode.SOCKET, Secret("xoxb"), signing_secret=Secret("s"))
