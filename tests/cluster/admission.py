"""A webhook that an API server asks before it lets anything in, and that always says no."""

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.servers.certificates import issue


class _Handler(BaseHTTPRequestHandler):
    server: "_Webhook"

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        said = {"uid": asked["request"]["uid"], "allowed": False, "status": {"message": self.server.says}}
        body = json.dumps({"apiVersion": asked["apiVersion"], "kind": asked["kind"], "response": said}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object, **__: object) -> None:
        """Silent."""


class _Webhook(ThreadingHTTPServer):
    daemon_threads = True
    says = ""


@contextmanager
def refusing(folder: Path, says: str) -> Iterator[tuple[str, bytes]]:
    """Its address, and the authority that vouches for it."""
    certificate = issue(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.chain, certificate.key)
    with _Webhook(("127.0.0.1", 0), _Handler) as server:
        server.says = says
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"https://127.0.0.1:{server.server_port}/", certificate.ca.read_bytes()
        server.shutdown()
