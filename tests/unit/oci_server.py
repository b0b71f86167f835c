"""A registry that answers exactly what a test wrote down, and nothing else: for what a real one would never say."""

import gzip
import hashlib
import json
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from types import TracebackType
from typing import Any, Self

from bot.registry.oci import Access, OciRegistry
from bot.registry.oci.wire import Patience

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"


@dataclass(frozen=True)
class Said:
    """`cut`: promise this many bytes more than are sent, then hang up."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int = 0


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: str


Answering = Said | Callable[[Asked], Said]


def says(value: object, status: int = 200, /, **headers: str) -> Said:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Said(json.dumps(value).encode(), status, {"content-type": "application/json", **named})


def digest_of(body: bytes) -> str:
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


class OciServer:
    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._answers: dict[str, list[Answering]] = {}
        self._asked: list[Asked] = []
        self._unexpected: list[str] = []
        self._lock = Lock()
        self.connections: list[socket.socket] = []
        self._http = _Http(("127.0.0.1", 0), _handler(self))
        if tls:
            self._http.socket = tls.wrap_socket(self._http.socket, server_side=True, do_handshake_on_connect=False)
        self.host = f"127.0.0.1:{self._http.server_port}"
        self.url = f"{'https' if tls else 'http'}://{self.host}"

    def __enter__(self) -> Self:
        self._thread = Thread(target=self._http.serve_forever, args=(0.02,), name="registry that obeys")
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._thread.join()
        for connection in self.connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._http.server_close()
        if kind is None:
            assert not self._unexpected, self._unexpected

    def on(self, path: str, *answers: Answering) -> None:
        """One after the other; the last one from then on."""
        self._answers[path] = list(answers)

    def holds(self, path: str, tag: str, config: dict[str, Any], /, **manifest: Any) -> str:
        """An image; its digest. `manifest` overrides what its manifest says."""
        blob = json.dumps(config).encode()
        described = {"mediaType": CONFIG, "digest": digest_of(blob), "size": len(blob)}
        layers = [{"mediaType": "layer", "digest": digest_of(gzip.compress(b"")), "size": 1000}]
        body = {"schemaVersion": 2, "mediaType": MANIFEST, "config": described, "layers": layers, **manifest}
        self.on(f"/v2/{path}/blobs/{digest_of(blob)}", Said(blob))
        return self.serves(path, tag, body)

    def serves(self, path: str, tag: str, manifest: object, kind: str = MANIFEST) -> str:
        raw = json.dumps(manifest).encode()
        digest = digest_of(raw)

        def answer(asked: Asked) -> Said:
            headers = {"content-type": kind, "docker-content-digest": digest, "etag": f'"{digest}"'}
            if asked.headers.get("if-none-match") == f'"{digest}"':
                return Said(b"", 304)
            return Said(raw, 200, headers)

        for name in (tag, digest):
            self.on(f"/v2/{path}/manifests/{name}", answer)
        return digest

    @property
    def asked(self) -> list[Asked]:
        with self._lock:
            return list(self._asked)

    @property
    def lines(self) -> list[str]:
        return [f"{asked.method} {asked.path}" for asked in self.asked]

    def answer(self, asked: Asked) -> Said:
        with self._lock:
            self._asked.append(asked)
            answers = self._answers.get(asked.path)
            if answers is None:
                self._unexpected.append(f"{asked.method} {asked.path}")
                return Said(status=599)
            said = answers.pop(0) if len(answers) > 1 else answers[0]
        return said if isinstance(said, Said) else said(asked)


PATIENCE = Patience()


class Hand:
    """A clock that is turned by hand."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


@contextmanager
def reach(
    server: OciServer, access: Access | None = None, clock: Hand | None = None, patience: Patience = PATIENCE
) -> Iterator[OciRegistry]:
    """In the clear, unless the test says how."""
    registry = OciRegistry({server.host: access or Access(plain_http=True)}, patience, clock or Hand())
    try:
        yield registry
    finally:
        registry.close()


class _Http(ThreadingHTTPServer):
    daemon_threads = False

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever asks may hang up."""


def _handler(server: OciServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 5
        wbufsize = 64 * 1024

        def setup(self) -> None:
            super().setup()
            server.connections.append(self.connection)

        def _answer(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            said = server.answer(Asked(self.command, self.path, headers, self.rfile.read(length).decode()))
            self.send_response(said.status)
            for name, value in said.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(said.body) + said.cut))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(said.body)
            self.close_connection = bool(said.cut)

        do_GET = do_HEAD = do_POST = _answer  # noqa: N815 - so the library calls them

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - so the library names it
            """Tests say what went wrong."""

    return Handler
