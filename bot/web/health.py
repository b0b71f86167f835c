"""Two questions an orchestrator asks: does the process live, and may it be given work."""

import asyncio
from collections.abc import Callable, Mapping

from anyio import fail_after
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

CHECK_SECONDS = 2.0

Check = Callable[[], str | None]
"""None when all is well, or the sentence that says what is not."""


def health_routes(checks: Mapping[str, Check], *, timeout: float = CHECK_SECONDS) -> list[Route]:
    """`/healthz` asks nothing of anybody, so that a slow database never restarts us; `/readyz` asks everyone."""

    async def ready(_request: Request) -> Response:
        said = await troubles(checks, timeout)
        wrong = [f"{name}: {sentence}" for name, sentence in said.items() if sentence]
        return _answer(503 if wrong else 200, *(wrong or ["ready"]))

    return [Route("/healthz", _alive), Route("/readyz", ready)]


async def troubles(checks: Mapping[str, Check], timeout: float) -> dict[str, str | None]:
    """What each says is wrong, all asked at once."""
    said = await asyncio.gather(*(_ask(check, timeout) for check in checks.values()))
    return dict(zip(checks, said, strict=True))


async def _alive(_request: Request) -> Response:
    return _answer(200, "alive")


async def _ask(check: Check, timeout: float) -> str | None:
    try:
        with fail_after(timeout):
            return await run_sync(check, abandon_on_cancel=True)
    except TimeoutError:
        return f"no answer within {timeout:g} s"


def _answer(status: int, *lines: str) -> Response:
    return PlainTextResponse("".join(f"{line}\n" for line in lines), status, {"Cache-Control": "no-store"})
