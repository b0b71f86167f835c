"""`POST /<platform>/invite`: a direct room with somebody who need not have heard of the bot yet.

It is the order `invite`, given in the name of the configuration: the same door, the same domains, the same audit.
Only POST is routed, since a link preview that asks with GET would invite people.
"""

import json
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from secrets import token_hex

from anyio import CapacityLimiter, fail_after
from anyio.to_thread import run_sync
from starlette.requests import ClientDisconnect
from starlette.requests import Request as Asked
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.core.clock import Clock
from bot.core.model import BOT, Place, Reply, Request, Who
from bot.core.secret import Secret
from bot.web.bearer import is_known, unknown

AT_ONCE = 2
MOST, WITHIN = 10, timedelta(minutes=1)
LARGEST, LONGEST = 4_096, 254
STATUS = {"": 200, "usage": 400, "not_allowed": 403, "not_found": 404, "refused": 409, "unavailable": 503}
OTHERWISE = 422
READ_SECONDS = 10.0
HOW = 'Send {"email": "ann@example.com"}.'

CarryOut = Callable[[Request], Reply | None]
Count = Callable[[str, str], None]


def invite_routes(tokens: Mapping[str, Secret], carry_out: CarryOut, clock: Clock, count: Count) -> list[Route]:
    """`tokens` are what callers prove themselves with, by the platform's name; without one there is no such door."""
    return [_route(name, token, carry_out, clock, count) for name, token in tokens.items()]


def _route(platform: str, token: Secret, carry_out: CarryOut, clock: Clock, count: Count) -> Route:
    door = _Door(platform, token, carry_out, clock)

    async def invite(request: Asked) -> Response:
        response = await door.answer(request)
        count(f"{platform}/invite", str(response.status_code))
        return response

    return Route(f"/{platform}/invite", invite, methods=["POST"])


class _Door:
    """Whoever does not prove themselves learns nothing but that, and nothing of theirs is read."""

    def __init__(self, platform: str, token: Secret, carry_out: CarryOut, clock: Clock) -> None:
        self._platform = platform
        self._token = token
        self._carry_out = carry_out
        self._clock = clock
        self._taken: deque[datetime] = deque()
        self._limiter = CapacityLimiter(AT_ONCE)

    async def answer(self, asked: Asked) -> Response:
        if not is_known(asked.headers.get("authorization", ""), self._token):
            return unknown()
        raw = await _read(asked)
        if raw is None:
            return _said(413, f"At most {LARGEST:,} bytes are read.")
        address = _address(raw)
        if address is None:
            return _said(400, HOW)
        wait = self._wait()
        if wait:
            return _said(429, f"At most {MOST} invitations in a minute.", {"Retry-After": str(wait)})
        return await run_sync(self._invite, address, limiter=self._limiter)

    def _wait(self) -> int:
        """0 where one more may be sent now, which is then counted; asked on the event loop alone."""
        now = self._clock.now()
        while self._taken and now - self._taken[0] >= WITHIN:
            self._taken.popleft()
        if len(self._taken) < MOST:
            self._taken.append(now)
            return 0
        return max(1, int((self._taken[0] + WITHIN - now).total_seconds()))

    def _invite(self, address: str) -> Response:
        who = Who(BOT, "invite", f"{self._platform}/invite")
        request = Request(
            f"invite:{token_hex(8)}", who, Place(BOT, self._platform), f"invite {address}", self._clock.now()
        )
        reply = self._carry_out(request)
        if reply is None:
            return Response(status_code=OTHERWISE)
        return _said(STATUS.get(reply.code, OTHERWISE), reply.title)


async def _read(asked: Asked) -> bytes | None:
    """None for what is more than an address takes, in bytes or in time."""
    raw = b""
    try:
        with fail_after(READ_SECONDS):
            async for part in asked.stream():
                raw += part
                if len(raw) > LARGEST:
                    return None
    except (TimeoutError, ClientDisconnect):
        return None
    return raw


def _address(raw: bytes) -> str | None:
    """One word, so that nothing but an address gets into the order; the order itself looks closer."""
    try:
        given = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    address = given.get("email") if isinstance(given, dict) else None
    fine = isinstance(address, str) and len(address) <= LONGEST and "@" in address and len(address.split()) == 1
    return address if fine else None


def _said(status: int, words: str, headers: Mapping[str, str] | None = None) -> Response:
    return PlainTextResponse(f"{words}\n", status, dict(headers or {}))
