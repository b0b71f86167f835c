"""Addresses no registry lives at. Whoever can name an image or answer with a redirect could name these:
the metadata services of clouds, which hand out keys to whoever asks from the inside.
"""

import socket
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from urllib3.connection import HTTPConnection, HTTPSConnection

from bot.core.errors import Unavailable

_NEVER = tuple(
    ip_network(network)
    for network in (
        "169.254.0.0/16",
        "fe80::/10",
        "fd00:ec2::254/128",
        "100.100.100.200/32",
        "168.63.129.16/32",
        "192.0.0.192/32",
        "0.0.0.0/8",
        "::/128",
    )
)


def is_forbidden(address: str) -> bool:
    """Also when it is dressed as an IPv6 address."""
    parsed: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    return any(parsed in network for network in _NEVER)


def refuse(name: str, address: str) -> None:
    if is_forbidden(address):
        raise Unavailable(
            f"{name} is not asked: no registry lives at {address}.",
            fact="Such addresses belong to the machine or its cloud.",
        )


def refuse_by_name(name: str, port: int) -> None:
    """Before a connection is made: what does not resolve is left to the connection to say."""
    with suppress(OSError, UnicodeError):
        for *_, address in socket.getaddrinfo(name, port, type=socket.SOCK_STREAM):
            refuse(name, str(address[0]))


def connected(name: str, sock: socket.socket) -> socket.socket:
    """And after it was made, before a byte is sent: a name may resolve otherwise the second time."""
    try:
        refuse(name, sock.getpeername()[0])
    except Unavailable:
        sock.close()
        raise
    return sock


class GuardedConnection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        refuse_by_name(self.host, self.port)
        return connected(self.host, super()._new_conn())


class GuardedTlsConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        refuse_by_name(self.host, self.port or 443)
        return connected(self.host, super()._new_conn())
