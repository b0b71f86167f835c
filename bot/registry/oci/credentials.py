"""Logins from docker's own files and credential helpers; the only file that knows docker.

A helper is a program that may hang, complain with secrets in its mouth or not be there: it gets its time, and
nothing it says is repeated.
"""

from collections.abc import Callable
from queue import Empty, Queue
from threading import Lock, Thread
from typing import Any

from msgspec import Struct

from bot.core.errors import Unavailable
from bot.core.login import Login
from bot.core.secret import Secret
from bot.registry.oci.access import Access

PATIENCE = 10.0
_KEPT = 300.0
Found = dict[str, Any] | None


class _Kept(Struct, frozen=True):
    login: Login | None
    until: float


class Keychain:
    """The login for one registry. What a helper gave is kept for minutes: tokens of clouds live for hours."""

    def __init__(self, name: str, access: Access, now: Callable[[], float], patience: float = PATIENCE) -> None:
        self._name = name
        self._access = access
        self._now = now
        self._patience = patience
        self._kept: _Kept | None = None
        self._lock = Lock()

    def login(self) -> Login | None:
        """None: nobody. Unavailable where a login should be found and is not."""
        access = self._access
        if access.username:
            return Login(access.username, access.password or Secret(""))
        if access.lent:
            return access.lent
        with self._lock:
            if self._kept is None or self._kept.until < self._now():
                login = _login(_within(self._patience, self._name, lambda: _look_up(self._name)))
                self._kept = _Kept(login, self._now() + _KEPT)
            return self._kept.login

    def forget(self) -> None:
        """It was refused: the next question asks for a fresh one."""
        with self._lock:
            self._kept = None


def _look_up(name: str) -> Found:
    """Imported when a registry asks who we are: most never do, and docker takes 0.2 s and 10 MB."""
    from docker import auth

    found: Found = auth.load_config().resolve_authconfig(name)
    return found


def _login(found: Found) -> Login | None:
    """Docker hands it over in three shapes: of its file, of a helper, and a refresh token of either."""
    given = {key.lower(): value for key, value in (found or {}).items() if isinstance(value, str)}
    if token := given.get("identitytoken"):
        return Login("<token>", Secret(token), identity=True)
    if user := given.get("username"):
        return Login(user, Secret(given.get("password", "")))
    return None


def _within(seconds: float, name: str, look_up: Callable[[], Found]) -> Found:
    """In a thread of its own: neither docker nor its helpers know a time limit."""
    answers: Queue[Found | Exception] = Queue(1)
    Thread(target=lambda: answers.put(_caught(look_up)), name="credentials", daemon=True).start()
    try:
        found = answers.get(timeout=seconds)
    except Empty:
        raise _useless(name, f"It did not answer in {seconds:g} s.") from None
    if isinstance(found, Exception):
        raise _useless(name, f"{type(found).__name__}.")
    return found


def _caught(look_up: Callable[[], Found]) -> Found | Exception:
    try:
        return look_up()
    except Exception as error:  # noqa: BLE001 - a foreign program behind a library that lets anything through
        return error


def _useless(name: str, fact: str) -> Unavailable:
    return Unavailable(
        f"The docker login for {name} cannot be read.",
        fact=fact,
        hint=f"Look at docker's config.json and its credential helper, or name a user under registries.{name}.",
    )
