"""Whatever Webex answers becomes an error of ours, and none of them holds the token."""

import traceback
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from bot.chat.webex import WebexAccess, WebexPlatform
from bot.chat.webex.failures import TABLE, retry_after
from bot.core.errors import Invalid, NotAllowed, NotFound, QuarterdeckError, Unavailable
from bot.core.model import Message, Place, Reply
from bot.core.secret import Secret
from tests.contract.platform_kit import StillClock
from tests.contract.webex_kit import sharing
from tests.servers.webex_faults import Fault
from tests.servers.webex_world import BOT_TOKEN
from tests.unit.webex_talk import Bot, bot

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
REFLECTED = f'{{"message": "Bearer {BOT_TOKEN} is wrong\\n"}}'.encode()


def refused(talk: Bot, key: str = "order:1") -> QuarterdeckError:
    with pytest.raises(QuarterdeckError) as caught:
        talk.post(Reply("6 services"), key)
    error = caught.value
    assert BOT_TOKEN not in repr((error, error.sentence, error.fact, error.hint))
    assert BOT_TOKEN not in "".join(traceback.format_exception(error))
    assert error.__cause__ is None
    return error


@pytest.mark.parametrize("status", [*TABLE, 302, 400, 405, 409, 415, 418, 500, 502, 503, 599])
def test_every_status_is_an_error_of_ours(status: int) -> None:
    expected = {401: Unavailable, 403: NotAllowed, 404: NotFound, 408: Unavailable, 410: NotFound, 423: Unavailable}
    kind = Unavailable if status >= 429 else expected.get(status, Invalid)
    with bot() as talk:
        talk.webex.inject(Fault("POST", "messages", status, body=REFLECTED))
        assert isinstance(refused(talk), kind)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", b'{"no": "id"}', b"\xff", b'"text"'])
def test_an_answer_that_is_none_is_unavailable(body: bytes) -> None:
    with bot() as talk:
        talk.webex.inject(Fault("POST", "messages", 200, body=body))
        assert isinstance(refused(talk), Unavailable)


def test_after_a_429_the_next_call_is_not_even_made() -> None:
    with bot() as talk:
        talk.webex.inject(Fault("POST", "messages", 429, {"Retry-After": "7"}))
        first, second = refused(talk), refused(talk, "order:2")
        assert isinstance(first, Unavailable)
        assert isinstance(second, Unavailable)
        assert first.retry_after == second.retry_after == 7
        assert talk.webex.faults.calls["POST messages"] == 1


def test_a_token_that_is_not_accepted_is_said_by_healthy() -> None:
    with bot() as talk:
        talk.webex.inject(Fault("POST", "messages", 401, body=REFLECTED))
        assert talk.platform.healthy() is None
        refused(talk)
        assert talk.platform.healthy() == "Webex does not accept the bot's token."
        assert talk.platform.writable(Place("webex", talk.room.id)) is None
        assert talk.platform.healthy() is None


def test_a_bot_with_a_wrong_token_starts_and_says_so() -> None:
    with bot() as talk:
        access = WebexAccess(Secret("wrong"), talk.talk.access.webhook_secret, "http://localhost", talk.webex.api_url)
        platform = WebexPlatform(access, StillClock())
        platform.start(lambda _request: None)
        assert platform.healthy() == "Webex does not accept the bot's token."
        platform.stop()


def test_webex_may_be_away() -> None:
    platform = WebexPlatform(
        WebexAccess(Secret(BOT_TOKEN), Secret("s"), "http://localhost", "http://127.0.0.1:9/v1"), StillClock()
    )
    platform.start(lambda _request: None)
    assert "not registered" in (platform.healthy() or "")
    with pytest.raises(Unavailable, match="does not answer"):
        platform.post(Message("order:1", Place("webex", "r"), Reply("a")))
    platform.stop()


def test_a_next_page_on_another_host_is_never_asked_for() -> None:
    with bot() as talk:
        room = talk.webex.direct(talk.talk.ann)
        for number in range(3):
            talk.webex.say(room, talk.talk.ann, f"status {number}")
        talk.webex.page, talk.webex.next_host = 2, "127.0.0.1:9"
        with pytest.raises(Unavailable) as caught:
            talk.platform.find(Place("webex", room.id), "order:1")
        assert caught.value.fact == "Elsewhere."


def test_pages_are_followed_to_what_is_looked_for() -> None:
    with bot() as talk:
        room = talk.webex.direct(talk.talk.ann)
        stands = talk.platform.post(Message("order:1", Place("webex", room.id), Reply("the one")))
        for number in range(5):
            talk.webex.say(room, talk.talk.ann, f"status {number}")
        talk.webex.page = 2
        assert talk.start().find(Place("webex", room.id), "order:1") == stands


def test_where_it_may_not_post_it_says_how_to_change_that() -> None:
    with bot() as talk:
        closed = talk.webex.room(talk.talk.ann, announcement_only=True)
        assert "Only moderators" in (talk.platform.writable(Place("webex", closed.id)) or "")
        assert talk.platform.writable(Place("webex", "nowhere")) == (
            "quarterdeck@webex.bot is not in that room. Add people → quarterdeck@webex.bot"
        )


def test_only_people_of_domains_that_are_named_are_invited() -> None:
    with sharing() as talk:
        access = replace(talk.access, domains=frozenset({"example.com"}))
        made = Bot(talk._replace(access=access))
        made.platform.invite(talk.ann.email, Reply("Quarterdeck deploys services."))
        assert made.said(talk.webex.direct(talk.ann)) == ["Quarterdeck deploys services."]
        for address in ("ann@elsewhere.test", "ann@example.com.test", "ann"):
            with pytest.raises(NotAllowed):
                made.platform.invite(address, Reply("Quarterdeck deploys services."))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": "0"}, 1),
        ({"Retry-After": "-5"}, 1),
        ({"Retry-After": "1e9"}, 3_600),
        ({"Retry-After": "nan"}, 30),
        ({"Retry-After": "inf"}, 3_600),
        ({"Retry-After": "soon"}, 30),
        ({"Retry-After": "Fri, 20 Nov 2026 12:00:09 GMT"}, 9),
        ({"Retry-After": "Fri, 20 Nov 2026 12:00:09 GMT", "Date": "Fri, 20 Nov 2026 12:00:04 GMT"}, 5),
        ({"Retry-After": "Fri, 20 Nov 2026 12:00:09 GMT", "Date": "never"}, 30),
        ({"Retry-After": "Thu, 19 Nov 2026 12:00:09 GMT"}, 1),
    ],
)
def test_how_long_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, NOON) == seconds
