"""One kind in one namespace, or in all of them: a list, then everything that happens, for ever.

A watch that ends goes on where it stood; only where the server has forgotten that version is everything listed
again. So nothing is lost, and what was told already is not told twice (Picture sees to that).
"""

import gc
import logging
import random
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Event, Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import msgspec
from msgspec import Raw, Struct

from bot.cluster.kubernetes import failures
from bot.cluster.kubernetes.client import Client
from bot.cluster.kubernetes.failures import Expired, Status
from bot.cluster.kubernetes.outage import Outage
from bot.cluster.kubernetes.shapes import Meta
from bot.core.errors import QuarterdeckError, Unavailable

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

log = logging.getLogger(__name__)
T = TypeVar("T", bound="HasMeta")
Names = Mapping[str, set[str]]
LONGEST = 300
SILENCE = 150.0
"""Bookmarks come about once a minute: a server that does not even send those is frozen or gone."""
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 30.0
CHUNK = 1 << 16


class HasMeta(Protocol):
    @property
    def metadata(self) -> Meta: ...


class Happening(Struct, frozen=True):
    """One line of a watch."""

    type: str
    object: Raw


class Place(Struct, frozen=True, rename="camel"):
    namespace: str = ""
    resource_version: str = ""


class Located(Struct, frozen=True):
    """As much of an object as says whether anybody cares for the rest."""

    metadata: Place = Place()


_located = msgspec.json.Decoder(Located)


class Sink(Struct, Generic[T], frozen=True):
    """Where the objects go. `only` takes the names of all that a list held, for each namespace that is looked at.

    `mixed`: the stream brings those of all namespaces, so what is in no `namespaces` is left unread.
    """

    seen: Callable[[T], None]
    gone: Callable[[T], None]
    only: Callable[[Names], None]
    namespaces: Callable[[], frozenset[str]]
    mixed: bool = False


class Stream(Generic[T]):
    def __init__(
        self,
        client: Client,
        path: str,
        decoder: msgspec.json.Decoder[T],
        sink: Sink[T],
        outage: Outage,
        after: Sequence["Stream[T]"] = (),
    ) -> None:
        self.listed = Event()
        self._outage = outage
        self._client = client
        self._path = path
        self._decoder = decoder
        self._sink = sink
        self._after = after
        self._looked_at: frozenset[str] = frozenset()
        self._stopping = Event()
        self._anew = Event()
        self._lock = Lock()
        self._response: BaseHTTPResponse | None = None
        self._version = ""
        self._listed_once = False
        self._failures = 0
        self._thread = Thread(target=self._run, name=f"watch {path}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """A reader that waits for the next line is woken by ending its socket under it."""
        with self._lock:
            self._stopping.set()
            self.listed.set()
            _shut(self._response)

    def list_again(self) -> None:
        """For namespaces that are looked at only now: what stands there was passed over."""
        with self._lock:
            if not self._stopping.is_set():
                self._anew.set()
                self.listed.clear()
                _shut(self._response)

    def join(self, timeout: float) -> None:
        if self._thread.ident is not None:
            self._thread.join(timeout)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._turn()
            except Expired:
                self._version = ""
            except QuarterdeckError as error:
                self._trouble(error)
            except Exception:
                log.exception("watching %s went wrong; it is listed again", self._path)
                self._version = ""
                self._pause()

    def _turn(self) -> None:
        if self._anew.is_set() or not self._version:
            for other in self._after:
                other.listed.wait()
            if self._stopping.is_set():
                return
            self._list()
        began, stood = monotonic(), self._version
        self._watch()
        if stood == self._version and monotonic() - began < 1:
            self._pause()

    def _list(self) -> None:
        self._anew.clear()
        self._looked_at = self._sink.namespaces()
        names: dict[str, set[str]] = {namespace: set() for namespace in self._looked_at}
        version = ""
        with _collector_paused():
            for page in self._client.pages(self._path):
                for raw in page.items or ():
                    meta = self._deliver(raw, self._sink.seen)
                    names.setdefault(meta.namespace, set()).add(meta.name)
                version = page.metadata.resource_version
        self._sink.only(names)
        self._version = version
        self._listed_once = True
        self._well()
        with self._lock:
            if not self._anew.is_set():
                self.listed.set()

    def _watch(self) -> None:
        seconds = LONGEST + random.randrange(60)  # noqa: S311 - so that not all end at once
        query = {"watch": "true", "allowWatchBookmarks": "true", "timeoutSeconds": str(seconds)}
        with self._opened({**query, "resourceVersion": self._version}, SILENCE) as response:
            rest = b""
            while chunk := self._read(response):
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    self._happened(line)

    @contextmanager
    def _opened(self, query: dict[str, str], silence: float) -> Iterator["BaseHTTPResponse"]:
        response = self._client.stream(self._path, query, silence)
        self._outage.sees(self._path)
        with self._lock:
            self._response = response
            if self._stopping.is_set() or self._anew.is_set():
                _shut(response)
        try:
            yield response
        finally:
            with self._lock:
                self._response = None
            response.close()

    def _read(self, response: "BaseHTTPResponse") -> bytes:
        with failures.mapped(self._client.cluster, "GET"):
            return response.read1(CHUNK)

    def _happened(self, line: bytes) -> None:
        happening = self._read_line(line)
        if happening.type == "ERROR":
            raise self._error(happening.object)
        if happening.type == "BOOKMARK":
            version = self._bookmark(happening.object)
        else:
            deliver = self._sink.gone if happening.type == "DELETED" else self._sink.seen
            version = self._deliver(happening.object, deliver).resource_version
        self._version = version or self._version
        self._well()

    def _bookmark(self, raw: Raw) -> str:
        """It says how far we are, and nothing else: what an object must have is null in it."""
        with failures.readable(self._client.cluster):
            return _located.decode(raw).metadata.resource_version

    def _read_line(self, line: bytes) -> Happening:
        """One that is whole but no JSON is a broken stream, not a broken object: nothing after it can be trusted."""
        with failures.readable(self._client.cluster):
            stood, self._version = self._version, ""
            happening = msgspec.json.decode(line, type=Happening)
        self._version = stood
        return happening

    def _deliver(self, raw: Raw, deliver: Callable[[T], None]) -> Meta:
        """One object that is not as it should be is left out, not the others with it."""
        try:
            if self._sink.mixed:
                place = _located.decode(raw).metadata
                if place.namespace not in self._looked_at:
                    return Meta(resource_version=place.resource_version)
            found = self._decoder.decode(raw)
            deliver(found)
        except msgspec.DecodeError as error:
            log.warning("an object at %s cannot be read: %s", self._path, error)
            return Meta()
        return found.metadata

    def _error(self, raw: Raw) -> Exception:
        with failures.readable(self._client.cluster):
            code = msgspec.json.decode(raw, type=Status).code
        return failures.refusal(self._client.cluster, code, {}, bytes(raw))

    def _trouble(self, error: QuarterdeckError) -> None:
        if not (self._stopping.is_set() or self._anew.is_set()):
            again = self._failures > 0
            if again and self._listed_once:
                self._outage.blinds(self._path, error)
            self._outage.begins(self._path, error, again=again)
            self._pause(error.retry_after if isinstance(error, Unavailable) else None)

    def _well(self) -> None:
        if self._failures:
            self._failures = 0
            self._outage.ends(self._path)

    def _pause(self, told: float | None = None) -> None:
        longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(self._failures, 10))
        self._failures += 1
        self._stopping.wait(max(told or 0, longest * random.uniform(0.5, 1)))  # noqa: S311


def _shut(response: "BaseHTTPResponse | None") -> None:
    """Plainly, beneath TLS: an SSLSocket's own shutdown takes the reader's session away from under it."""
    end = getattr(getattr(response, "connection", None), "sock", None)
    if isinstance(end, socket.socket):
        try:
            socket.socket.shutdown(end, socket.SHUT_RDWR)
        except OSError:
            return


_lists = 0
_lists_lock = Lock()


@contextmanager
def _collector_paused() -> Iterator[None]:
    """A big list is all new objects and no garbage: looking for some costs more than the list."""
    global _lists
    with _lists_lock:
        _lists += 1
        gc.disable()
    try:
        yield
    finally:
        with _lists_lock:
            _lists -= 1
            if not _lists:
                gc.enable()
