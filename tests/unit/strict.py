"""A platform that keeps what stands, thread by thread, and refuses what a platform would refuse."""

from threading import RLock

from bot.chat import Receive
from bot.core.errors import NotFound, QuarterdeckError, Unavailable
from bot.core.model import Message, Place, Reply, Request, Who


class StrictPlatform:
    """It fails on demand before or after it has posted. One lock guards what stands: several threads send."""

    edit_budget: int | None = None

    def __init__(self, name: str = "strict") -> None:
        self.name = name
        self.people: dict[str, Who] = {}
        self.away = False
        self.asked = 0
        self._lock = RLock()
        self.stands: dict[str, Message] = {}
        self.faults: list[tuple[str, QuarterdeckError]] = []

    def post(self, message: Message) -> Place:
        with self._lock:
            self._fail("before")
            identity = f"m{len(self.stands)}"
            self.stands[identity] = message
            self._fail("after")
        return Place(self.name, message.place.channel, message.place.thread, identity)

    def edit(self, place: Place, message: Message) -> Place:
        with self._lock:
            self._fail("before")
            if place.message not in self.stands:
                raise NotFound("There is no such message.")
            self.stands[place.message] = message
            self._fail("after")
        return place

    def find(self, place: Place, key: str) -> Place | None:
        with self._lock:
            there = (i for i, m in self.stands.items() if m.key == key and m.place.channel == place.channel)
            found = next(there, None)
        return Place(self.name, place.channel, self.stands[found].place.thread, found) if found else None

    def _fail(self, moment: str) -> None:
        if self.faults and self.faults[0][0] == moment:
            raise self.faults.pop(0)[1]

    def start(self, receive: Receive) -> None: ...

    def whisper(self, request: Request, reply: Reply) -> None: ...

    def writable(self, place: Place) -> str | None:
        return None

    def vouch(self, who: Who) -> Who:
        self.asked += 1
        if self.away:
            raise Unavailable("The platform does not answer.")
        return self.people.get(who.id, who)

    def healthy(self) -> str | None:
        return None

    def stop(self) -> None: ...

    def shown(self, key: str) -> list[str]:
        return [message.reply.title for message in self.stands.values() if message.key == key]

    def threads(self, channel: str) -> dict[str, list[str]]:
        """What stands at the top of a channel, and what stands under each."""
        there = {i: m for i, m in self.stands.items() if m.place.channel == channel}
        return {
            m.reply.title: [r.reply.title for r in there.values() if r.place.thread == i]
            for i, m in there.items()
            if m.place.thread is None
        }


class Alone(StrictPlatform):
    """Knows a place alone with each person, but for those who let nobody in."""

    refuses: QuarterdeckError | None = None

    def direct(self, who: Who) -> Place:
        if self.refuses:
            raise self.refuses
        return Place(self.name, f"D-{who.id}")
