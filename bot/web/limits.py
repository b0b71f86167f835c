"""What every request passes first: it gets an id, and it may not be larger than we read."""

import secrets

from anyio import move_on_after
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_ID = "x-request-id"
DISCARDED = 4
DISCARD_SECONDS = 1.0


class RequestId:
    """Made here, never taken from outside: a log line cannot be forged by whoever asks."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        identity = secrets.token_hex(4)
        scope.setdefault("state", {})["request_id"] = identity

        async def with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[REQUEST_ID] = identity
            await send(message)

        await self._app(scope, receive, with_id)


class _TooLarge(Exception):
    pass


class SizeCap:
    """Refuses by the length that is announced, and stops reading where nothing or something false was."""

    def __init__(self, app: ASGIApp, largest: int) -> None:
        self._app = app
        self._largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        if not announced.isdigit() or int(announced) > self._largest:
            await self._refuse(scope, receive, send)
            return
        await self._read(scope, receive, send)

    async def _read(self, scope: Scope, receive: Receive, send: Send) -> None:
        left, started = self._largest, False

        async def counted() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise _TooLarge
            return message

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, counted, noted)
        except _TooLarge:
            if started:
                raise
            await self._refuse(scope, receive, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._discard(receive)
        response = PlainTextResponse(f"At most {self._largest:,} bytes are read.\n", 413, {"connection": "close"})
        await response(scope, receive, send)

    async def _discard(self, receive: Receive) -> None:
        """Some of what is still coming: closed at once, most clients would see a broken line and not the answer."""
        left = DISCARDED * self._largest
        with move_on_after(DISCARD_SECONDS):
            while left > 0:
                message = await receive()
                left -= len(message.get("body", b""))
                if not message.get("more_body"):
                    return
