"""An API server with a crowd on it: real objects, multiplied, in a process of its own so that it is not measured.

`python -m tests.bench._crowd SAMPLES WORKLOADS PODS` prints its port. A watch of deployments is fed by GET /touch?n=3,
which rewrites one Deployment and says when it was sent, on the clock that all processes share.
"""

import json
import sys
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import SimpleQueue
from typing import Any
from urllib.parse import parse_qs, urlsplit

Samples = dict[str, dict[str, Any]]
SENT = "quarterdeck.io/sent"


class Crowd(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, samples: Samples, workloads: int, pods: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.samples = samples
        self.counts = {"deployments": workloads, "replicasets": workloads, "pods": pods}
        self.touched: SimpleQueue[int] = SimpleQueue()

    def items(self, kind: str, first: int, last: int) -> Iterator[str]:
        text = json.dumps(self.samples[kind]) if kind in self.samples else ""
        workloads = self.counts["deployments"]
        for n in range(first, min(last, self.counts.get(kind, 0))):
            mine = text.replace("ADDER", f"adder{n % workloads}")
            yield mine.replace("POD", f"-{n}") if kind == "pods" else mine


class _Handler(BaseHTTPRequestHandler):
    disable_nagle_algorithm = True
    server: Crowd
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(url.query).items()}
        kind = url.path.rpartition("/")[2]
        if kind == "touch":
            self.server.touched.put(int(query["n"]))
            self._say("ok")
        elif "watch" in query:
            self._watch(kind)
        else:
            first = int(query.get("continue", 0))
            last = first + int(query.get("limit", 1))
            more = str(last) if last < self.server.counts.get(kind, 0) else ""
            items = ",".join(self.server.items(kind, first, last))
            self._say(f'{{"metadata":{{"resourceVersion":"7","continue":"{more}"}},"items":[{items}]}}')

    def _say(self, text: str) -> None:
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _watch(self, kind: str) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        silence: SimpleQueue[int] = SimpleQueue()
        while True:
            number = (self.server.touched if kind == "deployments" else silence).get()
            found = json.loads(next(self.server.items(kind, number, number + 1)))
            found["metadata"]["annotations"][SENT] = repr(time.monotonic())
            line = json.dumps({"type": "MODIFIED", "object": found}).encode() + b"\n"
            self.wfile.write(b"%x\r\n%b\r\n" % (len(line), line))
            self.wfile.flush()

    def log_message(self, *_: object, **__: object) -> None:
        """Silent."""


def main() -> None:
    samples = json.loads(Path(sys.argv[1]).read_text())
    crowd = Crowd(samples, int(sys.argv[2]), int(sys.argv[3]))
    print(crowd.server_port, flush=True)
    crowd.serve_forever()


if __name__ == "__main__":
    main()
