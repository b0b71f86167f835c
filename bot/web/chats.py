"""Where chats deliver over HTTP: each platform that can be delivered to takes its own bytes and answers for itself."""

from collections.abc import Sequence

from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.chat import Delivered
from bot.web.limits import SizeCap
from bot.web.server import LARGEST


def chat_routes(platforms: Sequence[object]) -> list[Route]:
    return [_route(p, p.path) for p in platforms if isinstance(p, Delivered) and p.path]


def _route(platform: Delivered, path: str) -> Route:
    async def deliver(request: Request) -> Response:
        """Off the event loop: a platform may look something up before it answers."""
        raw = await request.body()
        answer = await run_in_threadpool(platform.handle, request.headers, raw)
        return Response(answer.body, answer.status, media_type=answer.content_type)

    return Route(path, deliver, methods=["POST"], middleware=[Middleware(SizeCap, largest=LARGEST)])
