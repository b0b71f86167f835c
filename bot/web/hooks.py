"""`POST /hooks/<kind>/<name>`: read what is not too large, verify, hand over, and answer before any work is done.

`/hooks/<kind>/<name>/<secret>` is the same door for those who can prove themselves by nothing but the address.

Whoever sends learns nothing but a status. Everything that blocks is done by a few threads of its own per source,
so that one that is flooded or slow holds up no other.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Generic, Protocol, TypeVar

from anyio import CapacityLimiter, fail_after
from anyio.to_thread import run_sync
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from bot.core.errors import Busy, Refused, Unavailable, Unverified
from bot.core.verify import IN_ADDRESS, LARGEST

AT_ONCE = 8
WAITING = 256
HELD = 2 * LARGEST
"""So many bytes of one source are in memory at once, all its deliveries together: they are not verified yet."""
READ_SECONDS = 10.0
RETRY_SECONDS = 10

log = logging.getLogger(__name__)


Told = TypeVar("Told")
Tells = TypeVar("Tells", covariant=True)


class Source(Protocol[Tells]):
    """`read` verifies first. What it does not care for is an empty list."""

    def read(self, headers: Mapping[str, str], body: bytes) -> Sequence[Tells]: ...


class Outcome(Enum):
    """What became of one delivery, as it is counted, and its HTTP status."""

    ACCEPTED = "accepted", 202
    IGNORED = "ignored", 204
    REFUSED = "refused", 400
    FORGED = "forged", 401
    CUT_SHORT = "cut short", 408
    TOO_LARGE = "too large", 413
    BROKEN = "broken", 500
    BUSY = "busy", 503

    @property
    def word(self) -> str:
        return self.value[0]

    def response(self) -> Response:
        headers = {"Retry-After": str(RETRY_SECONDS)} if self is Outcome.BUSY else None
        return Response(status_code=self.value[1], headers=headers)


Accept = Callable[[Told], None]
"""Keeps it, so that it survives a restart. The same one may come again. Busy or Unavailable where it cannot."""

Count = Callable[[str, str], None]
"""The source's name, and the word of an Outcome."""


def hook_routes(
    kind: str,
    sources: Mapping[str, Source[Told]],
    accept: Accept[Told],
    count: Count,
    *,
    waiting: int = WAITING,
    patience: float = READ_SECONDS,
) -> list[Route]:
    """`kind` stands in the path: builds, registry, alerts. `sources` is looked at for each delivery.

    `waiting` deliveries of one source may be under way; `patience` is for one body.
    """
    doors: dict[str, _Door[Told]] = {}

    async def receive(request: Request) -> Response:
        name = request.path_params["name"]
        source = sources.get(name)
        if source is None:
            return Response(status_code=404)
        door = doors[name] = doors.get(name) or _Door(name, accept, waiting, patience)
        outcome = await door.pass_on(source, request)
        count(name, outcome.word)
        return outcome.response()

    addresses = (f"/hooks/{kind}/{{name}}", f"/hooks/{kind}/{{name}}/{{secret}}")
    return [Route(address, receive, methods=["POST"]) for address in addresses]


class _Door(Generic[Told]):
    def __init__(self, name: str, accept: Accept[Told], most: int, patience: float) -> None:
        self._name = name
        self._accept = accept
        self._most = most
        self._patience = patience
        self._limiter = CapacityLimiter(AT_ONCE)
        self._waiting = 0
        self._held = 0

    async def pass_on(self, source: Source[Told], request: Request) -> Outcome:
        if self._waiting >= self._most:
            return Outcome.BUSY
        self._waiting += 1
        parts: list[bytes] = []
        try:
            if wrong := await self._read(request, parts):
                return wrong
            headers = {**request.headers, IN_ADDRESS: request.path_params.get("secret", "")}
            return await run_sync(self._take, source, headers, b"".join(parts), limiter=self._limiter)
        finally:
            self._waiting -= 1
            self._let_go(parts)

    async def _read(self, request: Request, parts: list[bytes]) -> Outcome | None:
        """Whole, within bounds of size and time.

        What there is no room for is read all the same, or its sender would see a broken line and not the answer.
        """
        size, room = 0, True
        try:
            with fail_after(self._patience):
                async for part in request.stream():
                    size += len(part)
                    if size > LARGEST:
                        return Outcome.TOO_LARGE
                    room = room and self._held + len(part) <= HELD
                    if room:
                        parts.append(part)
                        self._held += len(part)
                    else:
                        self._let_go(parts)
        except (TimeoutError, ClientDisconnect):
            return Outcome.CUT_SHORT
        return None if room else Outcome.BUSY

    def _let_go(self, parts: list[bytes]) -> None:
        self._held -= sum(map(len, parts))
        parts.clear()

    def _take(self, source: Source[Told], headers: Mapping[str, str], body: bytes) -> Outcome:
        try:
            told = source.read(headers, body)
            for one in told:
                self._accept(one)
        except Unverified as error:
            log.warning("hook %s: forged: %s", self._name, error.fact)
            return Outcome.FORGED
        except (Busy, Unavailable) as error:
            log.warning("hook %s: not taken: %s %s", self._name, error.sentence, error.fact)
            return Outcome.BUSY
        except Refused as error:
            log.warning("hook %s: refused: %s %s", self._name, error.sentence, error.fact)
            return Outcome.REFUSED
        except Exception:
            log.exception("hook %s broke", self._name)
            return Outcome.BROKEN
        return Outcome.ACCEPTED if told else Outcome.IGNORED
