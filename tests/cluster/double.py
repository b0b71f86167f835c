"""An API server that misbehaves on demand. It only serves faults: what is right is proven on a real one."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from bot.cluster.kubernetes import Access
from tests.cluster.plane import kubeconfig


@dataclass
class Reply:
    """`hang_up` ends the connection in the middle of it."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    hang_up: bool = False


def refusal(status: int, message: str, reason: str = "", **details: object) -> Reply:
    said = {"kind": "Status", "status": "Failure", "message": message, "reason": reason, "code": status}
    return Reply(json.dumps({**said, "details": details}).encode(), status)


def listing(*items: object, version: str = "1", more: str = "") -> Reply:
    return Reply(json.dumps({"metadata": {"resourceVersion": version, "continue": more}, "items": items}).encode())


class Double(ThreadingHTTPServer):
    """Answers of a path are given one after the other, the last of them for ever."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[str] = []
        self._answers: dict[str, list[Reply]] = {}
        self._lock = threading.Lock()

    def answer(self, word: str, *replies: Reply) -> None:
        """To every question that has this word in it."""
        with self._lock:
            self._answers[word] = list(replies)

    def reply(self, question: str) -> Reply:
        with self._lock:
            self.asked.append(question)
            for word, replies in self._answers.items():
                if word in question:
                    return replies.pop(0) if len(replies) > 1 else replies[0]
        return Reply(b"", 200) if "watch=true" in question else listing()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who hangs up on us is no concern of the test's output."""


class _Handler(BaseHTTPRequestHandler):
    server: Double

    def do_GET(self) -> None:
        reply = self.server.reply(f"{self.command} {self.path}")
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body) + reply.hang_up))
        self.end_headers()
        self.wfile.write(reply.body)

    def do_PATCH(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def do_DELETE(self) -> None:
        self.do_PATCH()

    def do_POST(self) -> None:
        self.do_PATCH()

    def log_message(self, *_: object, **__: object) -> None:
        """Silent."""


@contextmanager
def double(folder: Path) -> Iterator[tuple[Double, Access]]:
    with Double() as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        path = folder / "kubeconfig"
        path.write_text(json.dumps(kubeconfig(f"http://127.0.0.1:{server.server_port}", {"token": "hunter2"})))
        yield server, Access(path)
        server.shutdown()
