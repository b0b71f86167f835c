"""What the tests of the Webex adapter share: people who say things, and a clock that runs fast."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from queue import SimpleQueue
from threading import Event
from time import monotonic

from bot.chat import Receive
from bot.chat.webex import WebexPlatform
from bot.core.model import Message, Place, Reply, Request
from tests.contract.platform_kit import NOW
from tests.contract.webex_kit import Talk, sharing
from tests.servers.webex_world import Room

PATIENCE = 30.0


class FastClock:
    """A minute is over in a fifth of a second."""

    speed = 300.0

    def __init__(self) -> None:
        self._since = monotonic()

    def now(self) -> datetime:
        return NOW + timedelta(seconds=(monotonic() - self._since) * self.speed)

    def real(self, seconds: float) -> float:
        return seconds / self.speed


class Bot:
    """The platform, started, in a room with Ann."""

    def __init__(self, talk: Talk, receive: Receive | None = None) -> None:
        self.talk = talk
        self.webex = talk.webex
        self.room = talk.webex.room(talk.ann)
        self.received: SimpleQueue[Request] = SimpleQueue()
        self._receive = receive or self.received.put
        self.platform = self.start()

    def start(self) -> WebexPlatform:
        self.platform = self.talk.platform()
        self.platform.start(self._receive)
        return self.platform

    def next(self) -> Request:
        return self.received.get(timeout=PATIENCE)

    def post(self, reply: Reply, key: str = "order:1", *, final: bool = False) -> Place:
        return self.platform.post(Message(key, Place("webex", self.room.id), reply, final=final))

    def said(self, room: Room | None = None) -> list[str]:
        bot = self.webex.world.bot
        return [m.content.get("text", "") for m in self.webex.messages(room or self.room) if m.person is bot]


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that Webex or the store shows."""
    for _ in range(int(PATIENCE / 0.01)):
        if condition():
            return
        Event().wait(0.01)
    raise AssertionError("it never happened")


@contextmanager
def bot(receive: Receive | None = None) -> Iterator[Bot]:
    with sharing() as talk:
        yield Bot(talk, receive)
