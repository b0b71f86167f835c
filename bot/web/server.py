"""The web edge: one uvicorn in one thread, a limit on what it reads, an id for every request.

Handlers verify, persist or enqueue, and return; nothing here knows what they do.
"""

import logging
import os
import secrets
import socket
import threading
from collections.abc import Sequence

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute

from bot.core.errors import Unavailable
from bot.web.limits import RequestId, SizeCap

LARGEST = 1024 * 1024
START_SECONDS = 30.0
STOP_SECONDS = 5.0

log = logging.getLogger(__name__)


class WebServer:
    """`start` once and `stop` once. Port 0 takes a free one; `start` says which.

    `app.state.stopping` is set when it stops: answers that go on for ever look at it and end.
    """

    def __init__(self, routes: Sequence[BaseRoute], host: str, port: int, *, largest: int = LARGEST) -> None:
        self._app = Starlette(
            routes=list(routes),
            middleware=[Middleware(RequestId), Middleware(SizeCap, largest=largest)],
            exception_handlers={Exception: _broken},
        )
        self._stopping = self._app.state.stopping = threading.Event()
        self._host = host
        self._port = port
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def start(self, timeout: float = START_SECONDS) -> int:
        """Return the port once connections are accepted. Unavailable where it cannot be had."""
        listening = _listen(self._host, self._port)
        self._server = _Server(_config(self._app))
        self._thread = threading.Thread(target=self._server.run, args=([listening],), name="web", daemon=True)
        self._thread.start()
        if not self._server.ready.wait(timeout):
            raise Unavailable(f"The web server did not start within {timeout:g} s.")
        port: int = listening.getsockname()[1]
        return port

    def stop(self, timeout: float = STOP_SECONDS) -> None:
        """Take no more, let what runs end in half the time, then cut it off."""
        if self._server is None or self._thread is None:
            return
        self._stopping.set()
        self._server.config.timeout_graceful_shutdown = max(1, int(timeout / 2))
        self._server.should_exit = True
        self._thread.join(timeout)
        if self._thread.is_alive():
            self._server.force_exit = True
            log.warning("the web server did not end within %g s", timeout)


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


def _config(app: Starlette) -> uvicorn.Config:
    return uvicorn.Config(
        app, access_log=False, server_header=False, log_config=None, lifespan="off", ws="none", loop="asyncio"
    )


def _listen(host: str, port: int) -> socket.socket:
    """What it accepts inherits that nothing waits for an acknowledgement: a body would come 40 ms after its head."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family)
    except OSError as error:
        raise Unavailable(
            f"Port {port} on {host} cannot be had: {os.strerror(error.errno or 0).lower()}.",
            hint="Name another port, or 0 for a free one.",
        ) from error
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


async def _broken(request: Request, _error: Exception) -> Response:
    reference = request.scope.get("state", {}).get("request_id", secrets.token_hex(4))
    return PlainTextResponse(f"Something broke on our side (ref {reference}).\n", 500)
