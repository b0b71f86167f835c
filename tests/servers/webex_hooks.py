"""Webex tells the bot: webhooks signed with their secret, sent one after the other by one thread."""

import hmac
import json
from collections.abc import Callable
from http.client import HTTPConnection
from queue import SimpleQueue
from threading import Condition, Thread
from typing import NamedTuple
from urllib.parse import urlsplit

from tests.servers.webex_world import Json

TIMEOUT = 30.0


class Delivery(NamedTuple):
    """`status` is 0 where nobody answered."""

    url: str
    headers: dict[str, str]
    body: bytes
    status: int = 0


class Courier:
    """`drain` waits until everything was delivered."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._changed = Condition()
        self._under_way = 0
        self.delivered: list[Delivery] = []
        self._thread = Thread(target=self._run, name="webex-courier", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._queue.put(None)
        self._thread.join(TIMEOUT)

    def tell(self, hook: Json, data: Json) -> None:
        payload = {name: value for name, value in hook.items() if name != "secret"} | {"data": data}
        body = json.dumps(payload).encode()
        signature = hmac.new(str(hook["secret"]).encode(), body, "sha1").hexdigest() if hook.get("secret") else None
        headers = {"Content-Type": "application/json"} | ({"X-Spark-Signature": signature} if signature else {})
        self.send(Delivery(str(hook["targetUrl"]), headers, body))

    def send(self, delivery: Delivery) -> None:
        with self._changed:
            self._under_way += 1
        self._queue.put(lambda: self._deliver(delivery))

    def drain(self) -> None:
        with self._changed:
            if not self._changed.wait_for(lambda: not self._under_way, TIMEOUT):
                raise TimeoutError("a webhook was not answered")

    def _run(self) -> None:
        while job := self._queue.get():
            try:
                job()
            finally:
                with self._changed:
                    self._under_way -= 1
                    self._changed.notify_all()

    def _deliver(self, delivery: Delivery) -> None:
        url = urlsplit(delivery.url)
        connection = HTTPConnection(url.hostname or "", url.port, timeout=TIMEOUT)
        try:
            connection.request("POST", url.path, delivery.body, delivery.headers)
            status = connection.getresponse().status
        except OSError:
            status = 0
        finally:
            connection.close()
        with self._changed:
            self.delivered.append(delivery._replace(status=status))
