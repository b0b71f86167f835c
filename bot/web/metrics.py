"""`GET /metrics`: what an alert may watch, in the text format 0.0.4 of Prometheus.

It tells outsiders what runs here, so it is there only where a token is configured, and for whoever sends that.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from threading import Lock

from anyio import move_on_after
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.core.errors import QuarterdeckError
from bot.core.secret import Secret
from bot.web.bearer import is_known, unknown
from bot.web.health import CHECK_SECONDS, Check, troubles

Values = Mapping[tuple[str, ...], float]

FORMAT = "text/plain; version=0.0.4; charset=utf-8"


class Kind(StrEnum):
    COUNTER = "counter"
    GAUGE = "gauge"


@dataclass(frozen=True, slots=True)
class Family:
    """`values` are found under the values of its `labels`, in their order; without labels under ()."""

    name: str
    kind: Kind
    help: str
    values: Values
    labels: tuple[str, ...] = ()


Read = Callable[[], Sequence[Family]]


def metrics_routes(
    token: Secret | None, checks: Mapping[str, Check], reads: Sequence[Read], *, timeout: float = CHECK_SECONDS
) -> list[Route]:
    """What one of `reads` does not say in time is left out, not waited for."""
    if token is None:
        return []
    readers = [_Reader(read, timeout) for read in reads]

    async def metrics(request: Request) -> Response:
        if not is_known(request.headers.get("authorization", ""), token):
            return unknown()
        said = asyncio.gather(*(reader.families() for reader in readers))
        wrong, found = await asyncio.gather(troubles(checks, timeout), said)
        text = render([ready(wrong), *chain.from_iterable(found)])
        return Response(text, headers={"Content-Type": FORMAT, "Cache-Control": "no-store"})

    return [Route("/metrics", metrics)]


class _Reader:
    """One thread reads at a time: where it hangs, the others give up before they are a crowd."""

    def __init__(self, read: Read, timeout: float) -> None:
        self._read = read
        self._timeout = timeout
        self._alone = Lock()

    async def families(self) -> Sequence[Family]:
        with move_on_after(self._timeout):
            return await run_sync(self._families, abandon_on_cancel=True)
        return ()

    def _families(self) -> Sequence[Family]:
        if not self._alone.acquire(timeout=self._timeout / 2):
            return ()
        try:
            return self._read()
        except QuarterdeckError:
            return ()
        finally:
            self._alone.release()


def ready(wrong: Mapping[str, str | None]) -> Family:
    values: Values = {(name,): not sentence for name, sentence in wrong.items()}
    return Family("quarterdeck_ready", Kind.GAUGE, "Whether this part is well, as /readyz says.", values, ("part",))


def render(families: Iterable[Family]) -> str:
    return "".join(f"{line}\n" for family in families for line in _lines(family))


def _lines(family: Family) -> Iterator[str]:
    yield f"# HELP {family.name} {_escaped(family.help)}"
    yield f"# TYPE {family.name} {family.kind}"
    for key, value in sorted(family.values.items()):
        pairs = ",".join(f'{label}="{_quoted(text)}"' for label, text in zip(family.labels, key, strict=True))
        yield f"{family.name}{f'{{{pairs}}}' if pairs else ''} {_number(value)}"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def _quoted(text: str) -> str:
    return _escaped(text).replace('"', '\\"')
