"""One question and its answer over HTTP. Follows nothing, believes nothing and always ends.

urllib3 without requests above it: a third of the processor time per question, and no netrc, no proxy login and no
redirect that nobody asked for.
"""

import time
from functools import partial

from msgspec import Struct
from urllib3 import BaseHTTPResponse, Timeout
from urllib3.connection import ProxyConfig
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, ProtocolError

from bot.core.errors import Unavailable
from bot.registry.oci.access import Access
from bot.registry.oci.bounded import Bounded
from bot.registry.oci.guard import GuardedConnection, GuardedTlsConnection, refuse_by_name
from bot.registry.oci.message import KIB, Answer, Origin, Request, origin
from bot.registry.oci.proxies import Proxies
from bot.registry.oci.silence import no_answer
from bot.registry.oci.trust import Trust

AT_ONCE = 8
_CHUNK = 64 * KIB
_PLACES = 8
_AGENT = "quarterdeck"
_TUNNEL = ProxyConfig(None, use_forwarding_for_https=False, assert_hostname=None, assert_fingerprint=None)


class Patience(Struct, frozen=True):
    """In seconds: for a connection, for the next bytes, for a whole answer or a turn to ask."""

    connect: float = 5.0
    read: float = 10.0
    whole: float = 30.0


class _Pool(HTTPConnectionPool):
    ConnectionCls = GuardedConnection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = GuardedTlsConnection


class Wire:
    """Connections of one registry, and of the places it sends us to."""

    def __init__(
        self, home: Origin, name: str, access: Access, trust: Trust, patience: Patience, proxies: Proxies
    ) -> None:
        self._home = home
        self._name = name
        self._access = access
        self._trust = trust
        self._patience = patience
        self._proxies = proxies
        self._pools: Bounded[Origin, HTTPConnectionPool] = Bounded(_PLACES, HTTPConnectionPool.close)

    def send(self, request: Request) -> Answer:
        """Any status is an answer. Unavailable where there is none, or too much of one."""
        there = origin(request.url)
        if there is None:
            raise Unavailable(f"{self._name} names an address that is none.")
        try:
            pool = self._pools.get_or_make(there, lambda: self._make(there))
            return _exchange(pool, request, there, self._patience.whole)
        except (HTTPError, OSError, ValueError) as error:
            raise no_answer(there, self._name, error) from None

    def close(self) -> None:
        self._pools.clear()

    def _make(self, there: Origin) -> HTTPConnectionPool:
        timeout = Timeout(self._patience.connect, self._patience.read)
        if there.scheme == "http":
            return _Pool(there.name, there.port, timeout=timeout, maxsize=AT_ONCE)
        context = self._trust.context(self._name, self._access, home=there == self._home)
        pool = partial(_TlsPool, there.name, there.port, timeout=timeout, maxsize=AT_ONCE, ssl_context=context)
        proxy = self._proxies.before(there)
        if proxy is None:
            return pool()
        refuse_by_name(there.name, there.port)
        url, login = proxy
        return pool(_proxy=url, _proxy_headers=login, _proxy_config=_TUNNEL)


def _exchange(pool: HTTPConnectionPool, request: Request, there: Origin, seconds: float) -> Answer:
    deadline = time.monotonic() + seconds
    response = _opened(pool, request)
    try:
        body = _body(response, request.most, deadline, there)
        return Answer(response.status, request.url, response.headers, body)
    finally:
        response.close()


def _opened(pool: HTTPConnectionPool, request: Request) -> BaseHTTPResponse:
    """Once more where a connection that was kept turns out to have been closed meanwhile."""
    try:
        return _open(pool, request)
    except ProtocolError:
        return _open(pool, request)


def _open(pool: HTTPConnectionPool, request: Request) -> BaseHTTPResponse:
    headers = {"User-Agent": _AGENT, **request.headers}
    if request.authorization:
        headers["Authorization"] = request.authorization.reveal()
    if request.form:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    return pool.urlopen(
        request.method,
        request.target,
        body=request.form.reveal() if request.form else None,
        headers=headers,
        retries=False,
        redirect=False,
        preload_content=False,
        decode_content=False,
    )


def _body(response: BaseHTTPResponse, most: int, deadline: float, there: Origin) -> bytes:
    parts, size = [], 0
    while part := response.read1(_CHUNK):
        size += len(part)
        if size > most:
            raise Unavailable(f"{there} answers with more than {_size(most)}: not read.")
        if time.monotonic() > deadline:
            raise Unavailable(f"{there} does not answer.", fact="It takes too long for the whole of it.")
        parts.append(part)
    return b"".join(parts)


def _size(most: int) -> str:
    return f"{most // KIB**2} MiB" if most >= KIB**2 else f"{most // KIB} KiB"
