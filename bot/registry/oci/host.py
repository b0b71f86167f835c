"""One registry: every question to it goes through here, so that its rules are kept in one place."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import TypeVar

from bot.core.errors import Unavailable
from bot.core.references import HUB
from bot.registry.oci import redirects
from bot.registry.oci.access import Access
from bot.registry.oci.auth import Auth
from bot.registry.oci.credentials import Keychain
from bot.registry.oci.failures import LoginRefused, judge, login_refused, missing
from bot.registry.oci.message import Answer, Headers, Origin, Request, origin
from bot.registry.oci.pace import Now, Pace
from bot.registry.oci.proxies import NO_PROXIES, Proxies
from bot.registry.oci.trust import Trust
from bot.registry.oci.wire import AT_ONCE, Patience, Wire

_HUB_API = "registry-1.docker.io"
_NONE: Headers = {}
T = TypeVar("T")


class Host:
    def __init__(
        self, name: str, access: Access, trust: Trust, patience: Patience, now: Now, proxies: Proxies = NO_PROXIES
    ) -> None:
        self.name = name
        self.home = _home(name, access)
        self._keychain = Keychain(name, access, now)
        self._auth = Auth(name, self.home, self._keychain.login, now, access.token_server)
        self._pace = Pace(name, now)
        self._wire = Wire(self.home, name, access, trust, patience, proxies)
        self._patience = patience
        self._slots = BoundedSemaphore(AT_ONCE)

    @property
    def logged_in(self) -> bool:
        return bool(self._auth.user)

    @property
    def is_open(self) -> bool:
        """What it does not show is not there."""
        return not self._auth.is_stranger

    def ask(
        self,
        path: str,
        subject: str,
        read: Callable[[Answer], T],
        *,
        most: int,
        method: str = "GET",
        headers: Headers = _NONE,
        counted: bool = False,
    ) -> T:
        """`read` makes sense of a 200, 304 or 404; what it finds wrong counts against the registry as well."""
        request = Request(method, f"{self.home.url}{path}", headers, most=most)
        with self._slot():
            self._pace.check(counted=counted)
            try:
                answer = self._converse(request, subject)
                found = read(answer)
            except LoginRefused:
                raise
            except Unavailable as error:
                self._pace.failed(error)
                raise
            self._pace.answered(answer)
            return found

    def close(self) -> None:
        self._wire.close()

    @contextmanager
    def _slot(self) -> Iterator[None]:
        if not self._slots.acquire(timeout=self._patience.whole):
            raise Unavailable(f"{self.name} is slow: {AT_ONCE} questions wait for its answer.")
        try:
            yield
        finally:
            self._slots.release()

    def _converse(self, request: Request, subject: str) -> Answer:
        flow = self._auth.flow(request, subject)
        answer = self._send(next(flow))
        while True:
            try:
                following = flow.send(answer)
            except StopIteration as end:
                return self._admitted(end.value, subject)
            answer = self._send(following)

    def _admitted(self, answer: Answer, subject: str) -> Answer:
        judge(self.name, answer)
        if answer.status in (401, 403):
            self._keychain.forget()
            where = f"repository {self.name}/{subject}" if subject else f"list of repositories on {self.name}"
            if self._auth.user:
                raise login_refused(self.name, self._auth.user, where)
            raise missing(self.name, where, logged_in=False)
        return answer

    def _send(self, request: Request) -> Answer:
        for hop in range(redirects.MOST):
            try:
                answer = self._wire.send(request)
            except Unavailable as error:
                error.fact = f"{error.fact} {self.name} sends us there.".strip() if hop else error.fact
                raise
            if not answer.redirects:
                return answer
            request = redirects.redirected(request, answer)
        raise Unavailable(f"{self.name} redirects in circles.", fact=f"More than {redirects.MOST} times.")


def _home(name: str, access: Access) -> Origin:
    """Docker Hub's images bear one name, and its registry another."""
    scheme = "http" if access.plain_http else "https"
    found = origin(f"{scheme}://{_HUB_API if name == HUB else name}")
    if found is None:
        raise Unavailable(f"{name} is not the address of a registry.")
    return found
