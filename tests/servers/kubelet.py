"""The log half of a kubelet, for kwok's hollow nodes.

kwok can serve a fixed file for a pod's name, but not by image, and it knows none of
a kubelet's refusals: a waiting container, a previous one that is already removed.
The rules and the words are those of the kubelet's validateContainerLogStatus.
"""

import re
import ssl
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.servers.certificates import Certificate
from tests.servers.wire import Answer

LOGS = {
    "crash": ["starting", "panic: no database"],
    "oom": ["starting", "reading the whole table"],
    "foreign": ["exec /app: exec format error"],
    "": ["starting", "listening on :8080"],
}
WAITING = {
    "ErrImagePull": "image can't be pulled",
    "ImagePullBackOff": "trying and failing to pull image",
}


class Refused(Exception):
    """The kubelet's own 400."""


class Kubelet(ThreadingHTTPServer):
    """`read` asks the API server; the certificate is its own, which it does not check."""

    daemon_threads = True

    def __init__(self, certificate: Certificate, read: Callable[[str], Answer]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate.chain, certificate.key)
        # Whoever connects and says nothing is waited for by their own thread, and by no one else's end.
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.read = read
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def server_close(self) -> None:
        self.shutdown()
        super().server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Kubelet

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        try:
            status, text = HTTPStatus.OK, self._log(url.path, parse_qs(url.query))
        except Refused as refused:
            status, text = HTTPStatus.BAD_REQUEST, str(refused)
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _log(self, path: str, query: dict[str, list[str]]) -> str:
        _, kind, namespace, pod, container = path.split("/")
        if kind != "containerLogs":
            raise Refused(f"{kind}: a hollow node only has logs")
        found = self.server.read(f"/api/v1/namespaces/{namespace}/pods/{pod}").json()
        return log(found, container, {name: values[0] for name, values in query.items()})

    def log_message(self, *_: object, **__: object) -> None:
        """Silent: the API server's log tells more."""


def log(pod: dict[str, Any], name: str, query: dict[str, str]) -> str:
    status = _status(pod, name)
    state, last = status["state"], status["lastState"]
    previous = query.get("previous") == "true"
    _refuse(f'container "{name}" in pod "{pod["metadata"]["name"]}"', status, previous)
    if previous and "terminated" in state:
        # One dead container is kept, and it is not this one.
        return f"unable to retrieve container logs for {last['terminated']['containerID']}"
    run = (state if not previous else {}).get("running")
    began = run or state.get("terminated") or last["terminated"]
    return _cut(_lines(status["image"], dying=run is None), began["startedAt"], query)


def _status(pod: dict[str, Any], name: str) -> dict[str, Any]:
    status: dict[str, list[dict[str, Any]]] = pod["status"]
    kinds = ("containerStatuses", "initContainerStatuses")
    found = [one for kind in kinds for one in status.get(kind, []) if one["name"] == name]
    if not found:
        raise Refused(f'container "{name}" in pod "{pod["metadata"]["name"]}" is not available')
    return found[0]


def _refuse(what: str, status: dict[str, Any], previous: bool) -> None:
    if "terminated" in status["lastState"]:
        return
    if previous:
        raise Refused(f"previous terminated {what} not found")
    if waiting := status["state"].get("waiting"):
        reason = waiting["reason"]
        raise Refused(f"{what} is waiting to start: {WAITING.get(reason, reason)}")


def _lines(image: str, *, dying: bool) -> list[str]:
    """A process that will die has not said its last line while it runs."""
    word = next((word for word in LOGS if word and re.search(rf"\b{word}\b", image)), "")
    return LOGS[word] if dying or not word else LOGS[word][:-1]


def _cut(lines: list[str], began: str, query: dict[str, str]) -> str:
    lines = lines[max(0, len(lines) - int(query.get("tailLines", len(lines)))) :]
    stamp = f"{began.removesuffix('Z')}.000000000Z " if query.get("timestamps") == "true" else ""
    text = "".join(f"{stamp}{line}\n" for line in lines)
    return text[: int(query.get("limitBytes", len(text)))]
