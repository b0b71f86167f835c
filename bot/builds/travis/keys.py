"""Where Travis' public key comes from: the configuration, or Travis itself, asked once, and again when it changed."""

import time
from collections.abc import Callable
from threading import Lock
from typing import Protocol

import urllib3
from msgspec import DecodeError, Struct
from msgspec.json import Decoder

from bot.builds import fields
from bot.builds.travis.rsa import PublicKey, read_key
from bot.core.errors import Unavailable

PATIENCE = urllib3.Timeout(connect=3.0, read=3.0)
WHOLE = 8.0
BETWEEN, AFTER_FAILURE = 60.0, 10.0
LARGEST = 256 * 1024
NO_KEY = "Travis does not give its key."
_CHUNK = 16 * 1024

Fetch = Callable[[str], bytes]


class Key(Protocol):
    def current(self) -> PublicKey:
        """Unavailable where there is none."""

    def renewed(self) -> PublicKey:
        """Asked for when a signature does not fit: it may have been changed."""


class FixedKey:
    """From the configuration: ValueError for what is no key."""

    def __init__(self, pem: str) -> None:
        self._key = read_key(pem)

    def current(self) -> PublicKey:
        return self._key

    renewed = current


class FetchedKey:
    """Whoever forges makes us ask Travis once a minute at most; while one asks, others wait for the same answer.

    ValueError for what is no address.
    """

    def __init__(
        self, config_url: str, fetch: Fetch | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        if fields.address(config_url) is None:
            raise ValueError("it is not an address")
        self._url = config_url
        self._fetch = fetch or fetched
        self._now = clock
        self._asking = Lock()
        self._key: PublicKey | None = None
        self._next = float("-inf")

    def current(self) -> PublicKey:
        """The one that is known never waits for another that is asked for."""
        return self._key or self.renewed()

    def renewed(self) -> PublicKey:
        if not self._asking.acquire(timeout=WHOLE):
            raise Unavailable(NO_KEY, retry_after=AFTER_FAILURE)
        try:
            if self._now() >= self._next:
                self._next = self._now() + AFTER_FAILURE
                self._key = _read(self._fetch(self._url))
                self._next = self._now() + BETWEEN
        finally:
            self._asking.release()
        if self._key is None:
            raise Unavailable(NO_KEY, retry_after=AFTER_FAILURE)
        return self._key


class _Webhook(Struct, frozen=True):
    public_key: str


class _Notifications(Struct, frozen=True):
    webhook: _Webhook


class _Config(Struct, frozen=True):
    notifications: _Notifications


class _Answer(Struct, frozen=True):
    config: _Config


_decoder = Decoder(_Answer)


def _read(text: bytes) -> PublicKey:
    try:
        return read_key(_decoder.decode(text).config.notifications.webhook.public_key)
    except (DecodeError, RecursionError, ValueError) as error:
        raise Unavailable("Travis' configuration holds no key that can be used.", fact=f"{error}.") from None


def fetched(url: str) -> bytes:
    """Follows nothing and always ends."""
    deadline = time.monotonic() + WHOLE
    try:
        with urllib3.PoolManager(num_pools=1, timeout=PATIENCE, retries=False) as pool:
            answer = pool.request(
                "GET", url, redirect=False, preload_content=False, headers={"User-Agent": "quarterdeck"}
            )
            if answer.status != 200:
                raise Unavailable(NO_KEY, fact=f"It answers {answer.status}.")
            return _whole(answer, deadline)
    except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        raise Unavailable(NO_KEY, fact=f"{type(error).__name__}.") from None


def _whole(answer: urllib3.BaseHTTPResponse, deadline: float) -> bytes:
    read = b""
    while part := answer.read1(_CHUNK):
        read += part
        if len(read) > LARGEST or time.monotonic() > deadline:
            raise Unavailable(NO_KEY, fact="The answer is too long, or takes too long.")
    return read
