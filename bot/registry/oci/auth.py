"""Who we are, told to one registry: nobody first, then by password or token, as it asks.

Each question becomes a conversation of at most three: a generator that yields what to send and is given what came
back. It knows no connection, so that every turn can be tried without one.
"""

import re
from base64 import b64encode
from collections.abc import Callable, Generator
from threading import Lock
from urllib.parse import urlencode

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from bot.core.errors import Unavailable
from bot.core.login import Login
from bot.core.secret import Secret
from bot.registry.oci import challenge as challenges
from bot.registry.oci.bounded import Bounded
from bot.registry.oci.challenge import Challenge
from bot.registry.oci.failures import garbled, judge, login_refused
from bot.registry.oci.message import Answer, Origin, Request, origin

_TOKENS = 2000
_SHORTEST, _LONGEST, _MARGIN = 10.0, 3600.0, 10.0
_TOKEN = re.compile(r"[\x21-\x7e]{1,32768}")
Flow = Generator[Request, Answer, Answer]
Ask = Callable[[], Login | None]


class _Given(Struct):
    """What a token server says. Two spellings are in use."""

    token: str | None = None
    access_token: str | None = None
    expires_in: float | None = None


class _Token(Struct, frozen=True):
    value: Secret
    until: float


class Auth:
    """`login` is asked for only when the registry wants one: a helper program may be behind it."""

    def __init__(
        self, name: str, home: Origin, login: Ask, now: Callable[[], float], token_server: str | None = None
    ) -> None:
        self._name = name
        self._home = home
        self._token_server = (token_server or "").lower()
        self._login = login
        self._now = now
        self._tokens: Bounded[str, _Token] = Bounded(_TOKENS)
        self._basic: Login | None = None
        self._user = ""
        self._wanted = False
        self._lock = Lock()

    @property
    def user(self) -> str:
        """Who we said we are; nobody as long as we did not."""
        with self._lock:
            return self._user

    @property
    def is_stranger(self) -> bool:
        """It asked who we are, and we could not say: what it does not show us may be there all the same."""
        with self._lock:
            return self._wanted and not self._user

    def flow(self, request: Request, subject: str) -> Flow:
        """`subject`: what a token is good for, the repository."""
        first = self._as_before(request, subject)
        answer = yield first
        challenge = self._challenge(answer)
        if challenge is None:
            return answer
        with self._lock:
            self._wanted = True
        if challenge.scheme == "basic":
            return (yield from self._by_password(first, answer))
        return (yield from self._by_token(request, answer, challenge.for_pulling(subject), subject))

    def _as_before(self, request: Request, subject: str) -> Request:
        token = self._tokens.get(subject)
        if token and token.until > self._now():
            return replace(request, authorization=_bearer(token))
        with self._lock:
            return replace(request, authorization=_basic(self._basic)) if self._basic else request

    def _challenge(self, answer: Answer) -> Challenge | None:
        """Only the registry itself may ask, not a place it redirected to."""
        if answer.status != 401 or origin(answer.url) != self._home:
            return None
        return challenges.read(answer.header("www-authenticate"))

    def _by_password(self, first: Request, refused: Answer) -> Flow:
        """A password that was just refused is not sent again, unless there is a new one by now."""
        login = self._login()
        if login is None or login.identity or _basic(login) == first.authorization:
            self._keep(None)
            return refused
        self._say(login)
        answer = yield replace(first, authorization=_basic(login))
        self._keep(login if answer.status != 401 else None)
        return answer

    def _by_token(self, request: Request, refused: Answer, challenge: Challenge, subject: str) -> Flow:
        self._tokens.drop(subject)
        login = self._login()
        given = yield self._token_request(challenge, login)
        if given.status in (400, 401, 403, 404):
            if login:
                raise login_refused(self._name, login.username, subject or "its list")
            return refused
        token = self._read(given)
        self._tokens.put(subject, token)
        return (yield replace(request, authorization=_bearer(token)))

    def _token_request(self, challenge: Challenge, login: Login | None) -> Request:
        """A refresh token travels in a form, a password in a header; neither to a place that is not the registry's."""
        where = origin(challenge.realm)
        if where is None or (where.scheme == "http" and self._home.scheme == "https"):
            raise Unavailable(f"{self._name} names no safe place to log in at.")
        url, query = challenge.realm.partition("#")[0], challenge.query
        if login is None:
            return Request("GET", _with(url, query))
        if not (_kin(self._home, where) or self._token_server in (where.name, str(where))):
            raise Unavailable(
                f"{self._name} wants its login sent to {where}: not sent.",
                fact="A login goes to the registry, to its own domain, or to where you say.",
                hint=f"If {where} is its token server, name it under registries.{self._name}.token_server.",
            )
        self._say(login)
        if login.identity:
            form = {"grant_type": "refresh_token", "client_id": "quarterdeck", "refresh_token": login.secret.reveal()}
            return Request("POST", url, form=Secret(f"{urlencode(form)}&{query}"))
        return Request("GET", _with(url, query), authorization=_basic(login))

    def _read(self, given: Answer) -> _Token:
        judge(self._name, given)
        try:
            said = msgspec.json.decode(given.body, type=_Given)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise garbled(self._name, given) from None
        value = said.token or said.access_token or ""
        if not _TOKEN.fullmatch(value):
            raise garbled(self._name, given)
        lasts = min(max((said.expires_in or 60.0) - _MARGIN, _SHORTEST), _LONGEST)
        return _Token(Secret(value), self._now() + lasts)

    def _keep(self, login: Login | None) -> None:
        with self._lock:
            self._basic = login

    def _say(self, login: Login) -> None:
        with self._lock:
            self._user = login.username


def _kin(home: Origin, where: Origin) -> bool:
    """`auth.docker.io` for `registry-1.docker.io`, `gitlab.example.com` for `registry.example.com`."""
    parent = home.name.partition(".")[2]
    has_parent = "." in parent and not parent.replace(".", "").isdecimal()
    return where.name == home.name or (has_parent and (where.name == parent or where.name.endswith(f".{parent}")))


def _with(url: str, query: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}{query}" if query else url


def _basic(login: Login) -> Secret:
    pair = f"{login.username}:{login.secret.reveal()}"
    return Secret(f"Basic {b64encode(pair.encode()).decode()}")


def _bearer(token: _Token) -> Secret:
    return Secret(f"Bearer {token.value.reveal()}")
