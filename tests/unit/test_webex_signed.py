"""Only what Webex signed is read, and whoever sends is told nothing but a status."""

import json

import pytest

from bot.chat.webex.signature import is_signed, sign
from bot.core.errors import Busy
from bot.core.model import Request
from bot.core.secret import Secret
from tests.contract.webex_kit import WEBHOOK_SECRET
from tests.servers.webex_world import identity
from tests.unit.webex_talk import Bot, bot

SECRET = Secret(WEBHOOK_SECRET)

# RFC 2202, and the example everybody knows.
VECTORS = [
    ("key", b"The quick brown fox jumps over the lazy dog", "de7c9b85b8b78aa6bc8a7a36f70a90701c9db4d9"),
    ("Jefe", b"what do ya want for nothing?", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
    ("\x0b" * 20, b"Hi There", "b617318655057264e28bc0b6fb378c8ef146be00"),
]


def told(**data: str) -> bytes:
    whole = {"id": identity("MESSAGE"), "roomId": identity("ROOM"), "personId": identity("PEOPLE"), **data}
    return json.dumps({"resource": "messages", "event": "created", "data": whole}).encode()


def send(talk: Bot, raw: bytes) -> int:
    return talk.platform.handle({"X-Spark-Signature": sign(raw, SECRET)}, raw).status


@pytest.mark.parametrize(("secret", "body", "signature"), VECTORS)
def test_known_signatures(secret: str, body: bytes, signature: str) -> None:
    assert sign(body, Secret(secret)) == signature
    assert is_signed({"x-spark-signature": signature.upper()}, body, Secret(secret))
    assert not is_signed({"x-spark-signature": signature}, body + b" ", Secret(secret))
    assert not is_signed({"x-spark-signature": signature}, body, Secret(secret + "x"))


@pytest.mark.parametrize("signature", [None, "", "0" * 40, "ünsigned", "\udcff", "a" * 100_000])
def test_what_is_not_signed_is_refused_before_it_is_read(signature: str | None) -> None:
    with bot() as talk:
        headers = {} if signature is None else {"X-Spark-Signature": signature}
        assert talk.platform.handle(headers, b"{" * 10_000_000).status == 401
        assert talk.platform.ignored == {"forged": 1}


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\x00",
        b"[]",
        b"null",
        b'{"resource": "messages", "event": "created"}',
        b'{"resource": "rooms", "event": "created", "data": {"id": "a", "roomId": "b", "personId": "c"}}',
        b'{"resource": "messages", "event": "deleted", "data": {"id": "a", "roomId": "b", "personId": "c"}}',
        told(id="../people/me"),
        told(id="a" * 600),
        told(roomId="a b"),
        b"[" * 200_000,
        b'{"resource": {"a": 1}, "event": "created", "data": {"id": 1}}',
    ],
)
def test_what_is_signed_and_means_nothing_is_taken_and_counted(raw: bytes) -> None:
    with bot() as talk:
        assert send(talk, raw) == 200
        assert talk.platform.ignored == {"unknown": 1}
        assert talk.webex.faults.calls["GET messages"] == 0


def test_a_delivery_that_comes_again_is_one_order() -> None:
    with bot() as talk:
        talk.webex.say(talk.room, talk.talk.ann, "status")
        talk.next()
        delivery = talk.webex.courier.delivered[-1]
        assert talk.platform.handle(delivery.headers, delivery.body).status == 200
        assert talk.platform.ignored == {"repeated": 1}
        assert talk.received.empty()


def test_too_much_at_once_is_answered_by_words_and_at_last_by_a_status() -> None:
    def busy(_request: Request) -> None:
        raise Busy("300 orders are waiting already.")

    with bot(busy) as talk:
        talk.webex.say(talk.room, talk.talk.ann, "status")
        talk.platform.stop()
        assert talk.said() == ["! 300 orders are waiting already.\nTry again in a minute."]
