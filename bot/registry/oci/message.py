"""A question and its answer, as plain data: what the rules here are made for, without a connection."""

from collections.abc import Mapping
from urllib.parse import urljoin, urlsplit

from msgspec import Struct

from bot.core.secret import Secret

KIB = 1024
_PORTS = {"http": 80, "https": 443}
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
Headers = Mapping[str, str]


class Origin(Struct, frozen=True):
    """Whom a credential is for: these three together, or nobody."""

    scheme: str
    name: str
    port: int

    def __str__(self) -> str:
        name = f"[{self.name}]" if ":" in self.name else self.name
        return name if self.port == _PORTS[self.scheme] else f"{name}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self}"


def origin(url: str) -> Origin | None:
    """None for whatever is not the address of a web server, and for one with a login in it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc:
        return None
    return Origin(parts.scheme, parts.hostname, _PORTS[parts.scheme] if port is None else port)


def joined(url: str, location: str) -> str:
    """What a page at `url` means by `location`; nothing where it means nothing."""
    try:
        return urljoin(url, location)
    except ValueError:
        return ""


class Request(Struct, frozen=True):
    """Secrets have fields of their own, so that none is shown with the rest. `most`: a longer answer is refused."""

    method: str
    url: str
    headers: Headers = {}
    authorization: Secret | None = None
    form: Secret | None = None
    most: int = 64 * KIB

    @property
    def target(self) -> str:
        """What the server is asked for: the address without its name."""
        parts = urlsplit(self.url)
        path = f"/{parts.path.lstrip('/')}"
        return f"{path}?{parts.query}" if parts.query else path


class Answer(Struct, frozen=True):
    """`url`: who answered in the end."""

    status: int
    url: str
    headers: Headers = {}
    body: bytes = b""

    def header(self, name: str) -> str:
        return self.headers.get(name, "")

    @property
    def redirects(self) -> bool:
        return self.status in _REDIRECTS
