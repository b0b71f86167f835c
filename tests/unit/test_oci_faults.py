"""What goes wrong on the way: one sentence, one registry left alone for a while, and nothing of the library's."""

import inspect
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from threading import Thread

import pytest
from urllib3 import exceptions as vendor

from bot.core.errors import Invalid, NotFound, Unavailable
from bot.registry.oci import Access, OciRegistry
from bot.registry.oci.failures import retry_after
from bot.registry.oci.guard import is_forbidden
from bot.registry.oci.message import Answer, Origin
from bot.registry.oci.silence import no_answer
from bot.registry.oci.wire import Patience
from tests.servers.certificates import Certificate, issue
from tests.servers.process import free_ports
from tests.servers.require import or_skip
from tests.unit.oci_server import Hand, OciServer, Said, digest_of, reach, says

LIST = "/v2/app/tags/list"
TAGS = says({"tags": ["a"]})


@pytest.fixture
def server() -> Iterator[OciServer]:
    with OciServer() as server:
        yield server


def fails(registry: OciRegistry, host: str) -> Unavailable:
    with pytest.raises(Unavailable) as caught:
        registry.tags(f"{host}/app")
    assert caught.value.sentence.endswith(".")
    return caught.value


@contextmanager
def line(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """The host of something that is not a web server, asked at most twice."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(30)

        def answer() -> None:
            for _ in range(2):
                try:
                    with listening.accept()[0] as connection:
                        serve(connection)
                except OSError:
                    return

        thread = Thread(target=answer, name="no web server")
        thread.start()
        yield f"127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def _hello(connection: socket.socket) -> None:
    connection.recv(4096)
    connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")


def _drip(connection: socket.socket) -> None:
    """A byte now and then, for ever: no single wait is too long, the whole is."""
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
    connection.settimeout(0.2)
    for _ in range(100):
        connection.sendall(b" ")
        try:
            if not connection.recv(1):
                return
        except TimeoutError:
            continue


def _silence(connection: socket.socket) -> None:
    connection.recv(4096)
    connection.settimeout(30)
    connection.recv(1)


@pytest.mark.parametrize(
    ("serve", "patience", "fact"),
    [
        (_hello, Patience(), "It breaks off in the middle."),
        (_drip, Patience(whole=1), "It takes too long for the whole of it."),
        (_silence, Patience(connect=1, read=0.5), "It takes too long."),
        (lambda connection: None, Patience(), "It breaks off in the middle."),
    ],
)
def test_what_is_no_registry_is_said_to_be_silent(
    serve: Callable[[socket.socket], None], patience: Patience, fact: str
) -> None:
    with line(serve) as host:
        registry = OciRegistry({host: Access(plain_http=True)}, patience)
        error = fails(registry, host)
        registry.close()
    assert (error.sentence, error.fact) == (f"{host} does not answer.", fact)


def test_a_registry_that_is_not_there(server: OciServer) -> None:
    host = f"127.0.0.1:{free_ports(1)[0]}"
    registry = OciRegistry({host: Access(plain_http=True)})
    assert fails(registry, host).fact == "The connection is refused, or there is no way there."
    assert fails(OciRegistry({}), "no-such-host.invalid").fact == "No address is known for that name."


def test_a_connection_that_was_closed_meanwhile_is_opened_again(server: OciServer) -> None:
    server.on(LIST, TAGS)
    with reach(server) as registry:
        registry.tags(f"{server.host}/app")
        server.connections[0].shutdown(socket.SHUT_RDWR)
        assert registry.tags(f"{server.host}/app") == ["a"]


def _tls(certificate: Certificate, *, mutual: bool = False) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.chain, certificate.key)
    if mutual:
        context.load_verify_locations(certificate.ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    with or_skip():
        return issue(tmp_path)


def test_an_authority_nobody_named_is_not_trusted(certificate: Certificate, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    for ca_file in (None, issue(tmp_path / "other").ca):
        with OciServer(_tls(certificate)) as server, reach(server, Access(ca_file=ca_file)) as registry:
            error = fails(registry, server.host)
            assert "is not trusted: its certificate cannot be verified" in error.sentence
            assert f"registries.{server.host}.ca_file" in error.hint


def test_a_client_certificate_is_shown_to_the_registry_alone(certificate: Certificate) -> None:
    own = Access(
        ca_file=certificate.ca, client_certificate=certificate.chain, client_key=certificate.key, plain_http=False
    )
    with OciServer(_tls(certificate, mutual=True)) as server, OciServer(_tls(certificate, mutual=True)) as other:
        server.on(LIST, TAGS, Said(b"", 302, {"location": f"{other.url}/elsewhere"}))
        with reach(server, own) as registry:
            assert registry.tags(f"{server.host}/app") == ["a"]
            assert other.host in fails(registry, server.host).sentence
        with reach(server, Access(ca_file=certificate.ca)) as registry:
            assert fails(registry, server.host)


@pytest.mark.parametrize("text", [None, "no certificate"])
def test_a_ca_file_that_cannot_be_read_is_named(server: OciServer, tmp_path: Path, text: str | None) -> None:
    if text:
        (tmp_path / "ca.crt").write_text(text)
    with reach(server, Access(ca_file=tmp_path / "ca.crt")) as registry:
        error = fails(registry, server.host)
    assert error.sentence == f"The certificate files of {server.host} cannot be read."
    assert f"registries.{server.host}.ca_file" in error.hint


def test_a_registry_without_tls_says_what_to_write(server: OciServer) -> None:
    """TLS is never left out by itself."""
    with reach(server, Access()) as registry:
        error = fails(registry, server.host)
    assert error.sentence == f"{server.host} speaks no TLS."
    assert "plain_http: true" in error.hint
    assert not server.asked


def test_one_that_fails_is_left_alone_for_longer_each_time(server: OciServer) -> None:
    clock = Hand()
    server.on(LIST, Said(status=500))
    with reach(server, clock=clock) as registry:
        asked = []
        for _ in range(100):
            error = fails(registry, server.host)
            clock.at += 0.5
            asked.append(len(server.asked))
        assert error.sentence == f"{server.host} is in trouble: it answers 500."
        assert asked[:12] == [1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3]
        assert asked[-1] == 6
        clock.at += 60
        server.on(LIST, TAGS)
        assert registry.tags(f"{server.host}/app") == ["a"]


@pytest.mark.parametrize("status", [429, 503])
def test_a_registry_that_names_a_time_is_asked_then(server: OciServer, status: int) -> None:
    clock = Hand()
    server.on(LIST, Said(b"", status, {"retry-after": "30"}), TAGS)
    with reach(server, clock=clock) as registry:
        assert fails(registry, server.host).retry_after == 30
        clock.at += 29
        assert fails(registry, server.host).retry_after == pytest.approx(1)
        assert len(server.asked) == 1
        clock.at += 2
        assert registry.tags(f"{server.host}/app") == ["a"]


def test_retry_after_may_be_a_date_or_nonsense() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    assert 90 < (retry_after(Answer(429, "", {"retry-after": later})) or 0) < 101
    for text in ("", "soon", "-1", "9" * 400, "٣"):
        assert retry_after(Answer(429, "", {"retry-after": text})) is None


def test_a_quota_that_is_used_up_stops_what_it_counts_and_nothing_else(server: OciServer) -> None:
    clock = Hand()
    quota = {"ratelimit_limit": "100;w=21600", "ratelimit_remaining": "0;w=21600"}
    server.on(LIST, TAGS)
    digest = digest_of(b'{"schemaVersion": 2}')
    server.on("/v2/app/manifests/a", says({"schemaVersion": 2}, docker_content_digest=digest, **quota))
    with reach(server, clock=clock) as registry:
        registry.image(f"{server.host}/app", "a")
        with pytest.raises(Unavailable, match="no more images for now: 100 in 6 h are used up") as caught:
            registry.image(f"{server.host}/app", "b")
        assert caught.value.retry_after == 216
        assert registry.tags(f"{server.host}/app") == ["a"]
        assert registry.image(f"{server.host}/app", "a").tag == "a"
        clock.at += 217
        server.on("/v2/app/manifests/b", says({"schemaVersion": 2}))
        assert registry.image(f"{server.host}/app", "b").tag == "b"


@pytest.mark.parametrize(
    ("location", "sentence"),
    [
        ("http://169.254.169.254/latest/meta-data/", "no registry lives at 169.254.169.254"),
        ("http://[::ffff:169.254.169.254]/", "no registry lives at"),
        ("http://[fe80::1]/", "no registry lives at fe80::1"),
        ("http://0.0.0.0:1/", "no registry lives at 0.0.0.0"),
        ("gopher://127.0.0.1/", "redirects to what is no web address"),
        ("http://user:word@127.0.0.1/", "redirects to what is no web address"),
        ("http://[::1", "redirects to what is no web address"),
        (LIST, "redirects in circles"),
        ("", "redirects in circles"),
    ],
)
def test_a_redirect_leads_to_no_trap(server: OciServer, location: str, sentence: str) -> None:
    server.on(LIST, Said(b"", 307, {"location": location}))
    with reach(server) as registry:
        error = fails(registry, server.host)
    assert sentence in error.sentence
    assert ("no registry lives" in sentence) == (f"{server.host} sends us there." in error.fact)


def test_a_registry_that_wants_tls_says_what_to_take_away(server: OciServer) -> None:
    """Go's answer to a question in the clear."""
    server.on(LIST, Said(b"Client sent an HTTP request to an HTTPS server.\n", 400))
    with reach(server) as registry, pytest.raises(Invalid) as caught:
        registry.tags(f"{server.host}/app")
    assert caught.value.hint == f"If it speaks TLS, take registries.{server.host}.plain_http away."


def test_a_redirect_never_gives_tls_up(certificate: Certificate, server: OciServer) -> None:
    with OciServer(_tls(certificate)) as safe, reach(safe, Access(ca_file=certificate.ca)) as registry:
        safe.on(LIST, Said(b"", 301, {"location": f"{server.url}{LIST}"}))
        assert "without TLS: not followed" in fails(registry, safe.host).sentence


def test_an_image_cannot_name_a_trap_either() -> None:
    assert "no registry lives at" in fails(OciRegistry({}), "169.254.169.254").sentence


@pytest.mark.parametrize("address", ["10.0.0.1", "127.0.0.1", "192.168.1.2", "::1", "2001:db8::1", "fe00::1"])
def test_private_addresses_are_where_registries_live(address: str) -> None:
    assert not is_forbidden(address)


def test_one_registry_under_several_names_is_one(server: OciServer) -> None:
    server.on(LIST, TAGS)
    access = Access(plain_http=True, aliases=("Registry.local:5000",))
    with reach(server, access) as registry:
        assert registry.tags("registry.local:5000/app") == ["a"]


def test_whatever_the_library_raises_has_a_sentence() -> None:
    raised = [kind for _, kind in inspect.getmembers(vendor, inspect.isclass) if issubclass(kind, vendor.HTTPError)]
    assert len(raised) > 20
    made: list[Exception] = [Exception.__new__(kind) for kind in raised]
    for raised_error in [*made, OSError(), ssl.SSLError(), ValueError(), TimeoutError()]:
        error = no_answer(Origin("https", "myregistry", 5000), "myregistry:5000", raised_error)
        assert error.sentence.startswith("myregistry:5000 ")
        assert not isinstance(error, NotFound | Invalid)
