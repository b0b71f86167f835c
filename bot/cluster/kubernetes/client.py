"""One question to the API server, with a deadline, answered by bytes or by one of our errors."""

from collections.abc import Iterator, Mapping
from threading import Event, Lock
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import msgspec
from msgspec import Raw, Struct

from bot.cluster.kubernetes import failures
from bot.cluster.kubernetes.access import Access, connect, fit
from bot.cluster.kubernetes.failures import Lost
from bot.core.errors import Unavailable

if TYPE_CHECKING:
    from kubernetes.client.api_client import ApiClient
    from urllib3 import BaseHTTPResponse

JSON_PATCH = "application/json-patch+json"
APPLY = "application/apply-patch+yaml"
JSON = "application/json"
CONNECT, ANSWER = 5.0, 20.0
PATIENCE = 3.0
PAGE = 500
UNKNOWN = 401
FAILS_FOR = 2.0

Query = Mapping[str, str]
NOTHING: Query = {}


class Answer(Struct, frozen=True):
    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def good(self) -> bool:
        return 200 <= self.status < 300


class ListMeta(Struct, frozen=True, rename="camel"):
    resource_version: str = ""
    continue_: str = msgspec.field(default="", name="continue")


class Page(Struct, frozen=True):
    """Its items stay bytes: one that cannot be read must not take the others with it."""

    metadata: ListMeta = ListMeta()
    items: list[Raw] | None = None


class Client:
    """Connected when first asked: a cluster that is away, or a broken kubeconfig, never stops the start."""

    def __init__(self, cluster: str, access: Access) -> None:
        self.cluster = cluster
        self._access = access
        self._lock = Lock()
        self._client: ApiClient | None = None
        self._known = False
        self._failed: tuple[float, Exception] | None = None

    def get(self, path: str, query: Query = NOTHING) -> bytes:
        """Asked once more where an idle connection had died, or where the server says when, and that is soon."""
        try:
            return self._good("GET", path, query)
        except Unavailable as error:
            pause = 0.0 if isinstance(error, Lost) else error.retry_after
            if pause is None or pause > PATIENCE:
                raise
            Event().wait(pause)
            return self._good("GET", path, query)

    def pages(self, path: str, query: Query = NOTHING) -> Iterator[Page]:
        """The last one knows the version at which a watch goes on."""
        asked = {**query, "limit": str(PAGE)}
        while True:
            page = self._page(self.get(path, asked))
            yield page
            if not page.metadata.continue_:
                return
            asked["continue"] = page.metadata.continue_

    def list(self, path: str, query: Query = NOTHING) -> list[Raw]:
        return [item for page in self.pages(path, query) for item in page.items or ()]

    def patch(self, path: str, patch: object, content_type: str, query: Query = NOTHING) -> bytes:
        return self._good("PATCH", path, query, patch, content_type)

    def post(self, path: str, body: object) -> bytes:
        return self._good("POST", path, NOTHING, body, JSON)

    def delete(self, path: str, uid: str) -> None:
        """That very object, and no later one of its name."""
        self._good("DELETE", path, NOTHING, {"preconditions": {"uid": uid}}, JSON)

    def ask(self, path: str, query: Query = NOTHING) -> Answer:
        """For whoever reads more in the status than yes and no."""
        with failures.mapped(self.cluster, "GET"):
            return self._read(self._send("GET", path, query, (CONNECT, ANSWER)))

    def refusal(self, answer: Answer) -> Exception:
        return failures.refusal(self.cluster, answer.status, answer.headers, answer.body)

    def stream(self, path: str, query: Query, silence: float) -> "BaseHTTPResponse":
        """An answer that goes on; `silence` is how long nothing may come."""
        with failures.mapped(self.cluster, "GET"):
            response = self._send("GET", path, query, (CONNECT, silence))
            if response.status == 200:
                return response
            answer = self._read(response)
        raise self.refusal(answer)

    def close(self) -> None:
        """Idle connections; the next question opens its own."""
        with self._lock:
            if self._client is not None:
                self._client.rest_client.close()

    def _good(self, method: str, path: str, query: Query, body: object = None, content_type: str = "") -> bytes:
        with failures.mapped(self.cluster, method):
            answer = self._read(self._send(method, path, query, (CONNECT, ANSWER), body, content_type))
        if not answer.good:
            raise self.refusal(answer)
        return answer.body

    def _page(self, body: bytes) -> Page:
        with failures.readable(self.cluster):
            return msgspec.json.decode(body, type=Page)

    @staticmethod
    def _read(response: "BaseHTTPResponse") -> Answer:
        return Answer(response.status, response.data, dict(response.headers))

    def _send(
        self,
        method: str,
        path: str,
        query: Query,
        timeout: tuple[float, float],
        body: object = None,
        content_type: str = "",
    ) -> "BaseHTTPResponse":
        """`Content-Type` is what the generated calls name `_content_type`; their models would cost 26 MiB."""
        for again in (True, False):
            client, headers = self._authorised(method, path)
            if content_type:
                headers["Content-Type"] = content_type
            url = f"{client.configuration.host}{path}{f'?{urlencode(query)}' if query else ''}"
            answer: Any = client.call_api(method, url, headers, body, _request_timeout=timeout)
            response: BaseHTTPResponse = answer.response
            if not (self._refused(client, response.status) and again):
                break
            response.drain_conn()
        return response

    def _authorised(self, method: str, path: str) -> tuple["ApiClient", dict[str, str]]:
        """Under the lock, since the library may fetch a new token here. Who waited for it to fail need not try too."""
        headers = {"Accept": JSON, "User-Agent": "quarterdeck"}
        with self._lock:
            if self._failed and monotonic() - self._failed[0] < FAILS_FOR:
                raise self._failed[1]
            try:
                self._client = self._client or self._connect()
                self._client.update_params_for_auth(headers, [], ["BearerToken"], path, method, None)
            except Exception as error:
                self._failed = (monotonic(), error)
                raise
            return self._client, fit(headers)

    def _connect(self) -> "ApiClient":
        self._known = False
        return connect(self.cluster, self._access)

    def _refused(self, client: "ApiClient", status: int) -> bool:
        """Credentials that grew old are read anew, from their file or plugin. True where those before were good."""
        with self._lock:
            if status != UNKNOWN:
                self._known = self._known or self._client is client
                return False
            if self._client is client:
                self._client = None
            return self._known
