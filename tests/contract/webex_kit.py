"""Hands and eyes for Webex: the adapter on the strict double, told by real webhooks, in a group room or alone."""

import atexit
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import cache
from typing import Any, NamedTuple

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.chat.webex import WebexAccess, WebexPlatform
from bot.core.clock import Clock
from bot.core.model import Place, Who
from bot.core.secret import Secret
from bot.web.server import WebServer
from tests.contract.platform_kit import Kit, Standing, StillClock
from tests.servers.webex import WebexDouble, buttons
from tests.servers.webex_api import NEWEST
from tests.servers.webex_text import text_of
from tests.servers.webex_world import BOT_TOKEN, Message, Person, Room

WEBHOOK_SECRET = "a-long-random-text"


class Edge:
    """The one route that Webex needs. Whose platform stands behind it may change, as with a restart."""

    def __init__(self) -> None:
        self.platform: WebexPlatform | None = None
        self._server = WebServer([Route("/webex/events", self._take, methods=["POST"])], "127.0.0.1", 0)

    def start(self) -> str:
        """The address at which Webex finds it."""
        return f"http://127.0.0.1:{self._server.start()}"

    def stop(self) -> None:
        self._server.stop()

    async def _take(self, request: Request) -> Response:
        raw = await request.body()
        if self.platform is None:
            return Response(status_code=503)
        answer = await run_sync(self.platform.handle, request.headers, raw)
        return Response(status_code=answer.status)


class Talk(NamedTuple):
    """A Webex with Ann in it, and the bot behind its edge."""

    webex: WebexDouble
    edge: Edge
    access: WebexAccess
    ann: Person
    clock: Clock

    def platform(self) -> WebexPlatform:
        """A new one, as after a restart; it is the one that Webex reaches from now on."""
        self.edge.platform = WebexPlatform(self.access, self.clock)
        return self.edge.platform


@contextmanager
def talking(clock: Clock | None = None, **more: Any) -> Iterator[Talk]:
    """A Webex of its own."""
    time = clock or StillClock()
    edge = Edge()
    with WebexDouble(time.now) as webex:
        public_url = edge.start()
        access = WebexAccess(Secret(BOT_TOKEN), Secret(WEBHOOK_SECRET), public_url, webex.api_url, **more)
        try:
            yield Talk(webex, edge, access, webex.person("Ann", "ann@example.com"), time)
        finally:
            if edge.platform:
                edge.platform.stop()
            edge.stop()


@cache
def the_webex() -> Talk:
    """One for all tests of the suite; it ends with the process."""
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(talking())


class WebexKit:
    """In a group room `persists` is False: Webex does not let a bot look for what it said there itself."""

    elsewhere = Place("webex", "Y2lzY29zcGFyazovL3VzL1JPT00vbm93aGVyZQ")

    def __init__(self, talk: Talk, room: Room) -> None:
        self._talk = talk
        self._room = room
        self._platform = talk.platform()
        self.persists = room.type == "direct"
        self.place = Place("webex", room.id)
        self.person = Who("webex", talk.ann.id, talk.ann.name, talk.ann.email)

    @property
    def platform(self) -> WebexPlatform:
        return self._platform

    def says(self, text: str) -> None:
        self._talk.webex.say(self._room, self._talk.ann, text)

    def press(self, label: str) -> None:
        for message in reversed(self._talk.webex.messages(self._room)):
            for button in buttons(message):
                if button["title"] == label:
                    self._talk.webex.press(message, self._talk.ann, button["data"])
                    return
        raise LookupError(label)

    def standing(self) -> list[Standing]:
        """What the bot says to Ann alone is hers to read, too."""
        webex = self._talk.webex
        rooms = {room.id: room for room in (self._room, webex.direct(self._talk.ann))}
        messages = [m for room in rooms.values() for m in webex.messages(room) if m.person is webex.world.bot]
        texts = {message.id: read(message) for message in messages}
        return [
            Standing(texts[m.id], texts.get(m.parent or ""), tuple(b["title"] for b in buttons(m))) for m in messages
        ]

    def restart(self) -> None:
        self._platform = self._talk.platform()


def read(message: Message) -> str:
    """What a client draws of it."""
    return text_of(message.content["html"]) if "html" in message.content else str(message.content.get("text", ""))


@contextmanager
def webex_room() -> Iterator[Kit]:
    with _kit(lambda talk: talk.webex.room(talk.ann)) as kit:
        yield kit


@contextmanager
def webex_direct() -> Iterator[Kit]:
    with _kit(lambda talk: talk.webex.direct(talk.ann)) as kit:
        yield kit


@contextmanager
def sharing() -> Iterator[Talk]:
    """The one Webex with another Ann in it, and nothing left of what was before. What is broken fails the test."""
    shared = the_webex()
    webex = shared.webex
    webex.page, webex.next_host = NEWEST, None
    webex.faults.clear()
    webex.world.webhooks.clear()
    yield shared._replace(ann=webex.person("Ann", f"ann{len(webex.world.people)}@example.com"))
    if shared.edge.platform:
        shared.edge.platform.stop()
        shared.edge.platform = None
    assert webex.faults.broken == []


@contextmanager
def _kit(room: Callable[[Talk], Room]) -> Iterator[Kit]:
    """Webex may have refused nothing but to find what is not there."""
    with sharing() as talk:
        yield WebexKit(talk, room(talk))
        assert [refused for refused in talk.webex.faults.refused if not refused.startswith("404")] == []


WEBEX: dict[str, Callable[[], AbstractContextManager[Kit]]] = {"webex-room": webex_room, "webex-direct": webex_direct}
