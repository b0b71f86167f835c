"""Travis' signatures against what openssl made, and where its key comes from."""

import json
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.builds.travis import FetchedKey, FixedKey, TravisSource
from bot.builds.travis.keys import AFTER_FAILURE, BETWEEN, LARGEST, fetched
from bot.builds.travis.rsa import PublicKey, read_key
from bot.core.errors import Unavailable, Unverified
from bot.web.server import WebServer
from tests.contract.builds_kit import KITS, Known, Still

OPENSSL = Path(__file__).parents[1] / "payloads" / "builds" / "travis" / "openssl"
PEM = (OPENSSL / "public.pem").read_text()
PAYLOAD = (OPENSSL / "payload.txt").read_bytes()
SIGNATURE = b64decode((OPENSSL / "signature.txt").read_text())
ANSWER = json.dumps({"config": {"notifications": {"webhook": {"public_key": PEM}}, "host": "travis"}}).encode()


@pytest.mark.parametrize("name", ["public.pem", "rsa_public.pem"])
def test_what_openssl_signed_is_believed(name: str) -> None:
    key = read_key((OPENSSL / name).read_text())
    assert key.signed(PAYLOAD, SIGNATURE)
    assert key == read_key(PEM.replace("\n", "\\n"))


def test_nothing_else_is() -> None:
    key = read_key(PEM)
    assert not key.signed(PAYLOAD + b" ", SIGNATURE)
    assert not key.signed(PAYLOAD, b64decode((OPENSSL / "signature_sha256.txt").read_text()))
    for wrong in (b"", b"\x00", SIGNATURE[1:], b"\x00" + SIGNATURE, bytes(key.size), b"\xff" * key.size):
        assert not key.signed(PAYLOAD, wrong)
    one = (1).to_bytes(key.size)
    assert not key.signed(PAYLOAD, one)
    assert not PublicKey(key.modulus, 3).signed(PAYLOAD, SIGNATURE)
    for position in range(0, len(SIGNATURE), 16):
        changed = SIGNATURE[:position] + bytes([SIGNATURE[position] ^ 1]) + SIGNATURE[position + 1 :]
        assert not key.signed(PAYLOAD, changed)


@pytest.mark.parametrize(
    "pem",
    [
        "",
        "no key",
        PEM.replace("BEGIN PUBLIC", "BEGIN PRIVATE"),
        "-----BEGIN PUBLIC KEY-----\n%%\n-----END PUBLIC KEY-----",
        "-----BEGIN PUBLIC KEY-----\n\n-----END PUBLIC KEY-----",
        "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----",
        PEM.replace("PUBLIC", "RSA PUBLIC"),
        (OPENSSL / "elliptic.pem").read_text(),
        (OPENSSL / "short.pem").read_text(),
    ],
)
def test_what_is_no_usable_key_is_told_at_once(pem: str) -> None:
    with pytest.raises(ValueError, match=r"^it|^its"):
        FixedKey(pem)


class Travis:
    """Its configuration page, and a clock; it counts how often it is asked."""

    def __init__(self, *answers: bytes | None) -> None:
        self._answers = list(answers)
        self.asked = 0
        self.seconds = 0.0

    def fetch(self, url: str) -> bytes:
        assert url == "https://travis/config"
        self.asked += 1
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if answer is None:
            raise Unavailable("Travis does not give its key.")
        return answer

    def key(self) -> FetchedKey:
        return FetchedKey("https://travis/config", self.fetch, lambda: self.seconds)


def test_the_key_is_fetched_once() -> None:
    travis = Travis(ANSWER)
    key = travis.key()
    assert travis.asked == 0
    assert key.current() == key.current() == read_key(PEM)
    assert travis.asked == 1


def test_it_is_fetched_again_when_it_does_not_fit_but_not_by_everyone_who_forges() -> None:
    travis = Travis(ANSWER)
    source = TravisSource("travis", travis.key(), Still())
    forged = KITS["travis"].sent("passed")
    for _ in range(50):
        with pytest.raises(Unverified):
            source.read(*forged)
    assert travis.asked == 1
    travis.seconds += BETWEEN
    for _ in range(50):
        with pytest.raises(Unverified):
            source.read(*forged)
    assert travis.asked == 2


def test_a_key_that_was_changed_is_believed_from_then_on() -> None:
    (build,) = KITS["travis"].read(*KITS["travis"].sent("passed"))
    travis = Travis(ANSWER)
    source = TravisSource("travis", _Changing(travis.key()), Still())
    assert source.read(*KITS["travis"].sent("passed")) == [build]


class _Changing:
    """The old key at first, the right one when asked again."""

    def __init__(self, old: FetchedKey) -> None:
        self._old = old

    def current(self) -> PublicKey:
        return self._old.current()

    def renewed(self) -> PublicKey:
        return Known().current()


def test_without_a_key_nothing_is_believed_and_travis_is_left_in_peace() -> None:
    travis = Travis(None, ANSWER)
    key = travis.key()
    for _ in range(3):
        with pytest.raises(Unavailable):
            key.current()
    assert travis.asked == 1
    travis.seconds += AFTER_FAILURE
    assert key.current() == read_key(PEM)


def test_an_old_key_outlives_a_failure_to_renew_it() -> None:
    travis = Travis(ANSWER, None)
    key = travis.key()
    key.current()
    travis.seconds += BETWEEN
    with pytest.raises(Unavailable):
        key.renewed()
    assert key.current() == read_key(PEM)


@pytest.mark.parametrize("answer", [b"", b"{}", b"[" * 5000, b'{"config":{"notifications":{"webhook":{}}}}'])
def test_a_page_without_a_key_is_told(answer: bytes) -> None:
    with pytest.raises(Unavailable, match="holds no key"):
        Travis(answer).key().current()


@contextmanager
def serving(answer: Response) -> Iterator[str]:
    async def config(_request: Request) -> Response:
        return answer

    server = WebServer([Route("/config", config)], "127.0.0.1", 0)
    port = server.start()
    try:
        yield f"http://127.0.0.1:{port}/config"
    finally:
        server.stop()


def test_over_the_wire() -> None:
    with serving(Response(ANSWER)) as url:
        assert FetchedKey(url).current() == read_key(PEM)


@pytest.mark.parametrize(
    "answer", [Response(status_code=503), RedirectResponse("http://127.0.0.1:1/"), Response(b"x" * (LARGEST + 1))]
)
def test_over_the_wire_what_is_no_answer_is_told(answer: Response) -> None:
    with serving(answer) as url, pytest.raises(Unavailable):
        fetched(url)


def test_nobody_there() -> None:
    with pytest.raises(Unavailable):
        FetchedKey("http://127.0.0.1:1/config").current()
    for url in ("", "nonsense", "http://[", "ftp://127.0.0.1/"):
        with pytest.raises(ValueError, match="not an address"):
            FetchedKey(url)
