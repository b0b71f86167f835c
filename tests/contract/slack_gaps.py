"""What Slack does and local-slack leaves out, put between it and the bot: metadata that is kept, 429s, lost answers."""

import json
import re
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs

from msgspec import Struct

from tests.servers.wire import ask

Respond = Callable[[str, str, str, bytes], tuple[int, dict[str, str], bytes]]


class Fault(Struct, frozen=True):
    """What is said in place of Slack. `after`: Slack did it nevertheless, only its answer is lost."""

    method: str
    status: int = 200
    error: str = "ratelimited"
    headers: dict[str, str] = {}
    after: bool = False


class Gaps:
    """One lock guards what it remembers. `calls` are the methods asked for, in order.

    `socket_port` is where the socket is opened in place of where Slack says.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = Lock()
        self._metadata: dict[tuple[str, str], Any] = {}
        self._faults: deque[Fault] = deque()
        self.calls: list[str] = []
        self.socket_port: int | None = None

    def inject(self, *faults: Fault) -> None:
        with self._lock:
            self._faults.extend(faults)

    def answer(self, method: str, kind: str, authorization: str, raw: bytes) -> tuple[int, dict[str, str], bytes]:
        fault = self._fault(method)
        if fault and not fault.after:
            return fault.status, fault.headers, json.dumps({"ok": False, "error": fault.error}).encode()
        headers = {"Content-Type": kind, "Authorization": authorization}
        real = ask(f"{self._url}{method}", "POST", raw, headers)
        body = self._filled(method, arguments(kind, raw), json.loads(real.body))
        if fault:
            return fault.status, fault.headers, b"lost"
        return real.status, {}, json.dumps(body).encode()

    def _fault(self, method: str) -> Fault | None:
        with self._lock:
            self.calls.append(method)
            if self._faults and self._faults[0].method == method:
                return self._faults.popleft()
        return None

    def _filled(self, method: str, said: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            if method == "apps.connections.open" and self.socket_port:
                answer["url"] = re.sub(r"^(ws://[^/:]+):\d+", rf"\1:{self.socket_port}", answer["url"])
            if method in ("chat.postMessage", "chat.update") and answer.get("ok") and "metadata" in said:
                self._metadata[answer["channel"], answer["ts"]] = said["metadata"]
            if method in ("conversations.history", "conversations.replies") and said.get("include_all_metadata"):
                for message in answer.get("messages", ()):
                    if found := self._metadata.get((said["channel"], message["ts"])):
                        message["metadata"] = found
        return answer


@contextmanager
def gaps(api_url: str) -> Iterator[tuple[Gaps, str]]:
    """And the address at which the bot finds it."""
    filler = Gaps(api_url)
    with serving(filler.answer) as url:
        yield filler, url


@contextmanager
def serving(answer: Respond, tls: SSLContext | None = None) -> Iterator[str]:
    """A Web API on loopback that answers so: `answer(method, content type, authorization, body)`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            kind, authorization = (self.headers.get(name) or "" for name in ("Content-Type", "Authorization"))
            status, headers, body = answer(self.path.removeprefix("/api/"), kind, authorization, raw)
            self.send_response(status)
            for name, value in {**headers, "Content-Type": "application/json"}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is given
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}/api/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def arguments(kind: str, raw: bytes) -> dict[str, Any]:
    if kind.startswith("application/json"):
        return dict(json.loads(raw or b"{}"))
    return {name: values[0] for name, values in parse_qs(raw.decode()).items()}
