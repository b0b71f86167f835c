"""The room as a web page on this machine: events go out as they happen, orders come in as JSON.

Whoever runs a browser here runs other people's pages too, so the Host must be one of ours (against DNS
rebinding), an order must come from our own page (Origin), and nothing on it comes from elsewhere (CSP).
"""

import threading
from collections.abc import Collection
from functools import partial
from importlib.resources import files

import msgspec
from anyio import fail_after
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from bot.chat.console.keys import Suggest
from bot.chat.console.room import Room
from bot.chat.console.stream import Stream
from bot.core.errors import QuarterdeckError
from bot.core.model import Who

LARGEST = 8 * 1024
SUGGEST_SECONDS = 2.0
SUGGESTIONS = 12
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
FILES = {
    "/": ("page.html", "text/html"),
    "/page.css": ("page.css", "text/css"),
    "/page.js": ("page.js", "text/javascript"),
    "/composer.js": ("composer.js", "text/javascript"),
    "/message.js": ("message.js", "text/javascript"),
    "/icon.svg": ("icon.svg", "image/svg+xml"),
}


class _Refused(Exception):
    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.response = PlainTextResponse(f"{sentence}\n", status, HEADERS)


class _Order(msgspec.Struct, frozen=True):
    text: str


def page_routes(room: Room, who: Who, suggest: Suggest, *, allowed_hosts: Collection[str]) -> list[Route]:
    """`allowed_hosts` are names without a port: `localhost`, `127.0.0.1`."""
    page = _Page(room, who, suggest, frozenset(host.lower() for host in allowed_hosts))
    static = [Route(path, partial(page.file, content=_read(name), kind=kind)) for path, (name, kind) in FILES.items()]
    return [
        *static,
        Route("/events", page.events),
        Route("/suggest", page.suggest),
        Route("/orders", page.order, methods=["POST"]),
    ]


class _Page:
    def __init__(self, room: Room, who: Who, suggest: Suggest, hosts: frozenset[str]) -> None:
        self._room, self._who, self._suggest, self._hosts = room, who, suggest, hosts

    async def file(self, request: Request, content: bytes, kind: str) -> Response:
        return self._guarded(request) or Response(content, media_type=kind, headers=HEADERS)

    async def events(self, request: Request) -> Response:
        if refused := self._guarded(request):
            return refused
        stopping: threading.Event = request.app.state.stopping
        stream = Stream(self._room, request.headers.get("last-event-id", ""), stopping)
        return StreamingResponse(stream.events(), media_type="text/event-stream", headers=HEADERS)

    async def suggest(self, request: Request) -> Response:
        if refused := self._guarded(request):
            return refused
        text = request.query_params.get("text", "")[:LARGEST]
        try:
            with fail_after(SUGGEST_SECONDS):
                words = await run_sync(self._suggest, text, abandon_on_cancel=True)
        except TimeoutError:
            words = []
        return JSONResponse(words[:SUGGESTIONS], headers=HEADERS)

    async def order(self, request: Request) -> Response:
        try:
            self._check_origin(request)
            text = await _order_text(request)
        except _Refused as refused:
            return refused.response
        try:
            given = self._room.say(text, self._who)
        except QuarterdeckError as error:
            return PlainTextResponse(f"{error.sentence}\n", 503, HEADERS)
        return JSONResponse({"id": given.id}, 202, HEADERS)

    def _guarded(self, request: Request) -> Response | None:
        try:
            self._check_host(request)
        except _Refused as refused:
            return refused.response
        return None

    def _check_host(self, request: Request) -> None:
        host = request.headers.get("host", "")
        if _without_port(host).lower() not in self._hosts:
            raise _Refused(403, "This page answers only on this machine's own name.")

    def _check_origin(self, request: Request) -> None:
        self._check_host(request)
        if request.headers.get("origin", "").lower() != f"http://{request.headers['host'].lower()}":
            raise _Refused(403, "Orders are taken only from this page itself.")


async def _order_text(request: Request) -> str:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise _Refused(415, "An order is JSON.")
    try:
        text = msgspec.json.decode(await _body(request), type=_Order).text.strip()
    except msgspec.MsgspecError:
        raise _Refused(400, 'An order is {"text": "…"}.') from None
    if not text:
        raise _Refused(400, "There is no order in it.")
    return text


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            raise _Refused(413, f"An order has at most {LARGEST:,} bytes.")
    return body


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() else host


def _read(name: str) -> bytes:
    return (files("bot.chat.console") / "page" / name).read_bytes()
