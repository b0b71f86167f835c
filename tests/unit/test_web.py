"""The web edge: what it refuses before anybody reads it, and whether it says that it is well."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.core.errors import Unavailable
from bot.web.health import health_routes
from bot.web.server import WebServer, _listen


async def echo(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


async def broken(request: Request) -> Response:
    raise RuntimeError("a secret of ours")


@contextmanager
def serving(*routes: BaseRoute, largest: int = 1000) -> Iterator[httpx.Client]:
    server = WebServer(routes, "127.0.0.1", 0, largest=largest)
    port = server.start()
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False) as client:
            yield client
    finally:
        server.stop()


def test_every_answer_has_an_id_and_none_names_the_server() -> None:
    with serving(Route("/", echo)) as client:
        one, two = client.get("/"), client.get("/", headers={"x-request-id": "forged"})
    assert len({one.headers["x-request-id"], two.headers["x-request-id"], "forged"}) == 3
    assert "server" not in one.headers


def test_what_is_too_large_is_refused_announced_or_not() -> None:
    with serving(Route("/", echo, methods=["POST"])) as client:
        assert client.post("/", content=b"x" * 1000).text == "1000"
        assert client.post("/", content=b"x" * 1001).status_code == 413
        assert client.post("/", content=iter([b"x" * 600] * 3)).status_code == 413


def test_a_mistake_of_ours_is_told_with_a_reference_and_no_more(caplog: pytest.LogCaptureFixture) -> None:
    with serving(Route("/", broken)) as client:
        answer = client.get("/")
    assert answer.status_code == 500
    assert answer.text.startswith("Something broke on our side (ref ")
    assert "secret" not in answer.text
    assert "a secret of ours" in caplog.text


def test_no_body_waits_until_its_head_was_acknowledged() -> None:
    with _listen("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname(), timeout=30):
        connection, _ = listening.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_port_that_is_taken_is_told() -> None:
    first = WebServer([], "127.0.0.1", 0)
    port = first.start()
    try:
        with pytest.raises(Unavailable, match=f"Port {port} on 127.0.0.1 cannot be had"):
            WebServer([], "127.0.0.1", port).start()
    finally:
        first.stop()


def test_stop_leaves_no_thread_and_no_port_even_before_start() -> None:
    others = set(threading.enumerate())
    WebServer([], "127.0.0.1", 0).stop()
    server = WebServer([], "127.0.0.1", 0)
    port = server.start()
    server.stop()
    assert not [t for t in threading.enumerate() if t.name == "web" and t not in others]
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{port}/", trust_env=False)


def test_alive_asks_nobody_and_ready_asks_everybody() -> None:
    said: dict[str, str | None] = {"store": None, "chat": None}
    routes = health_routes({name: partial(said.get, name) for name in said})
    with serving(*routes) as client:
        assert (client.get("/healthz").text, client.get("/readyz").text) == ("alive\n", "ready\n")
        said["chat"] = "The console does not listen."
        answer = client.get("/readyz")
        assert (answer.status_code, answer.text) == (503, "chat: The console does not listen.\n")
        assert client.get("/healthz").status_code == 200


def test_a_check_that_does_not_answer_is_not_ready() -> None:
    held = threading.Event()
    with serving(*health_routes({"store": lambda: str(held.wait(30))}, timeout=0.05)) as client:
        answer = client.get("/readyz")
        held.set()
    assert (answer.status_code, answer.text) == (503, "store: no answer within 0.05 s\n")
