"""The way out through a proxy: a tunnel for TLS, never for loopback, and never with anybody's login but its own."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from bot.core.errors import Unavailable
from bot.registry.oci import Access, OciRegistry, Proxies
from bot.registry.oci.message import Origin, origin
from tests.servers.certificates import Certificate, issue
from tests.servers.require import or_skip
from tests.unit.oci_server import OciServer, says
from tests.unit.test_oci_faults import _tls

AGENT = "http://proxy.example.com:3128"


def there(url: str) -> Origin:
    found = origin(url)
    assert found
    return found


@pytest.mark.parametrize(
    ("url", "no_proxy", "goes"),
    [
        ("https://registry.example.com", "", "proxy.example.com"),
        ("http://registry.example.com", "", None),
        ("https://localhost:5000", "", None),
        ("https://127.0.0.1:5000", "", None),
        ("https://127.8.8.8", "", None),
        ("https://[::1]:5000", "", None),
        ("https://registry.example.com", "example.com", None),
        ("https://registry.example.com", ".example.com,other", None),
        ("https://registry.example.com", "*.Example.com", None),
        ("https://registry.example.com", "badexample.com example.org", "proxy.example.com"),
        ("https://badexample.com", "example.com", "proxy.example.com"),
        ("https://registry.example.com:5000", "registry.example.com:5000", None),
        ("https://registry.example.com:5000", "registry.example.com:443", "proxy.example.com"),
        ("https://10.1.2.3", "10.0.0.0/8", None),
        ("https://11.1.2.3", "10.0.0.0/8,nonsense/8,:,.", "proxy.example.com"),
        ("https://[fd00::7]", "fd00::/8", None),
        ("https://registry.example.com", "*", None),
    ],
)
def test_who_is_reached_through_it(url: str, no_proxy: str, goes: str | None) -> None:
    for proxies in (
        Proxies({"HTTPS_PROXY": AGENT, "NO_PROXY": no_proxy}),
        Proxies({"https_proxy": AGENT, "HTTPS_PROXY": "http://other", "no_proxy": no_proxy}),
    ):
        found = proxies.before(there(url))
        assert (found[0].host if found else None) == goes


def test_its_login_is_its_own() -> None:
    found = Proxies({"HTTPS_PROXY": "http://bot:hunter2@proxy:3128"}).before(there("https://registry.example.com"))
    assert found
    url, headers = found
    assert (url.auth, headers) == (None, {"proxy-authorization": "Basic Ym90Omh1bnRlcjI="})


@pytest.mark.parametrize("written", ["socks5://proxy:1080", "https://proxy", "proxy:3128", "http://", "%%%"])
def test_what_is_no_proxy_is_said(written: str) -> None:
    with pytest.raises(Unavailable, match="is no address of a proxy"):
        Proxies({"HTTPS_PROXY": written}).before(there("https://registry.example.com"))


class Tunnel:
    """Carries to one place whatever was asked for, and remembers what that was."""

    def __init__(self, target: int, answer: bytes = b"200 OK") -> None:
        self.asked: list[str] = []
        self._target = target
        self._answer = answer
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://bot:hunter2@127.0.0.1:{self._door.getsockname()[1]}"

    def serve(self) -> None:
        with suppress(OSError):
            while True:
                near = self._door.accept()[0]
                self.asked.append(near.recv(65536).decode())
                near.sendall(b"HTTP/1.1 " + self._answer + b"\r\n\r\n")
                if self._answer.startswith(b"200"):
                    far = socket.create_connection(("127.0.0.1", self._target))
                    for ends in ((near, far), (far, near)):
                        threading.Thread(target=_pump, args=ends, daemon=True).start()
                else:
                    near.close()

    def close(self) -> None:
        self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError), source, sink:
        while data := source.recv(65536):
            sink.sendall(data)


@contextmanager
def tunnel(target: int, answer: bytes = b"200 OK") -> Iterator[Tunnel]:
    made = Tunnel(target, answer)
    thread = threading.Thread(target=made.serve)
    thread.start()
    try:
        yield made
    finally:
        made.close()
        thread.join(5)


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    with or_skip():
        return issue(tmp_path, names="DNS:registry.invalid")


@contextmanager
def beyond(proxy: Tunnel, certificate: Certificate) -> Iterator[OciRegistry]:
    """A registry of a name that nobody but the proxy can resolve."""
    access = Access(ca_file=certificate.ca, username="bot", password=None)
    registry = OciRegistry({"registry.invalid": access}, proxies=Proxies({"HTTPS_PROXY": proxy.url}))
    try:
        yield registry
    finally:
        registry.close()


def test_a_registry_behind_a_proxy(certificate: Certificate) -> None:
    with OciServer(_tls(certificate)) as server, tunnel(int(server.host.rpartition(":")[2])) as proxy:
        server.on("/v2/app/tags/list", says({"tags": ["a"]}))
        with beyond(proxy, certificate) as registry:
            assert registry.tags("registry.invalid/app") == ["a"]
        (asked,) = proxy.asked
        assert asked.startswith("CONNECT registry.invalid:443 ")
        assert "Basic Ym90Omh1bnRlcjI=" in asked
        assert not any("proxy-authorization" in each.headers for each in server.asked)


def test_a_proxy_that_lets_nobody_through_is_named(certificate: Certificate) -> None:
    closed = b"407 Proxy Authentication Required"
    with (
        tunnel(0, closed) as proxy,
        beyond(proxy, certificate) as registry,
        pytest.raises(Unavailable) as refused,
    ):
        registry.tags("registry.invalid/app")
    assert refused.value.sentence == "registry.invalid does not answer."
    assert "proxy" in refused.value.fact
    assert "hunter2" not in repr(refused.value.args) + refused.value.fact


def test_no_proxy_leads_to_where_no_registry_lives(certificate: Certificate) -> None:
    with tunnel(0) as proxy:
        registry = OciRegistry({}, proxies=Proxies({"HTTPS_PROXY": proxy.url}))
        with pytest.raises(Unavailable, match=r"no registry lives at 169\.254\.169\.254"):
            registry.tags("169.254.169.254/app")
        registry.close()
        assert proxy.asked == []
