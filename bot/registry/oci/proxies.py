"""The way out where there is only one: `HTTPS_PROXY`, and `NO_PROXY` for what is reached without it.

Only TLS goes through it, as a tunnel: the proxy sees a name and a port. Plain HTTP is for nets that are trusted, and
those have no proxy.
"""

import re
from collections.abc import Mapping
from ipaddress import ip_address, ip_network

from urllib3.exceptions import LocationParseError
from urllib3.util import Url, make_headers, parse_url

from bot.core.errors import Unavailable
from bot.core.secret import Secret
from bot.registry.oci.message import Origin

_LOCAL = "localhost"


class Proxies:
    """`environ` is the process's own. The address of a proxy may hold a password."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._proxy = Secret(_either(environ, "https_proxy"))
        self._direct = [word for word in re.split(r"[\s,]+", _either(environ, "no_proxy").lower()) if word]

    def before(self, there: Origin) -> tuple[Url, dict[str, str]] | None:
        """The proxy's address and what it wants to be told; None: straight on."""
        if there.scheme != "https" or not self._proxy or self._is_direct(there):
            return None
        url = _parsed(self._proxy.reveal())
        if url.scheme != "http" or not url.host:
            raise Unavailable(
                f"{there} is not asked: HTTPS_PROXY is no address of a proxy.", hint="http://proxy.example.com:3128"
            )
        login = dict(make_headers(proxy_basic_auth=url.auth)) if url.auth else {}
        return url._replace(auth=None), login

    def _is_direct(self, there: Origin) -> bool:
        return _is_loopback(there.name) or any(_means(word, there) for word in self._direct)


def _parsed(text: str) -> Url:
    try:
        return parse_url(text)
    except LocationParseError:
        return Url()


def _either(environ: Mapping[str, str], name: str) -> str:
    """As curl reads them: the small one first."""
    return environ.get(name) or environ.get(name.upper()) or ""


def _means(word: str, there: Origin) -> bool:
    """`*`, a network, a name and everything beneath it, either of them with a port."""
    if word == "*" or _is_within(there.name, word):
        return True
    name, colon, port = word.rpartition(":")
    name, port = (name, port) if colon and port.isdecimal() else (word, str(there.port))
    name = name.removeprefix("*").removeprefix(".")
    return port == str(there.port) and bool(name) and f".{there.name}".endswith(f".{name}")


def _is_loopback(name: str) -> bool:
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == _LOCAL or name.endswith(f".{_LOCAL}")


def _is_within(name: str, network: str) -> bool:
    try:
        return ip_address(name) in ip_network(network, strict=False)
    except ValueError:
        return False


NO_PROXIES = Proxies({})
