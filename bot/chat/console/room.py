"""The room itself: the Platform port for people who sit at this machine.

What stands in it lives in memory, so a restart begins an empty room; the store remembers the rest.
"""

import logging
import secrets
import threading
from collections import Counter, deque
from collections.abc import Callable

from msgspec.structs import replace

from bot.chat import Receive
from bot.chat.console.entry import Entry, fit, veil
from bot.core.clock import Clock
from bot.core.errors import NotFound, QuarterdeckError, Unavailable
from bot.core.model import CONSOLE, Message, Place, Reply, Request, Who
from bot.core.render import refusal

LIMIT = 500

Listener = Callable[[Entry], None]

log = logging.getLogger(__name__)


class Room:
    """One lock guards what stands here; listeners are told outside of it, in the order things happened."""

    def __init__(self, clock: Clock, limit: int = LIMIT) -> None:
        self._clock = clock
        self._limit = limit
        self._changed = threading.Condition()
        self._entries: dict[str, Entry] = {}
        self._beneath: Counter[str] = Counter()
        self._serial = 0
        self._listeners: tuple[Listener, ...] = ()
        self._untold: deque[Entry] = deque(maxlen=4 * limit)
        self._telling = threading.Lock()
        self._receive: Receive | None = None

    @property
    def name(self) -> str:
        return CONSOLE

    @property
    def edit_budget(self) -> int | None:
        return None

    @property
    def clock(self) -> Clock:
        return self._clock

    def start(self, receive: Receive) -> None:
        with self._changed:
            self._receive = receive

    def stop(self) -> None:
        with self._changed:
            self._receive = None
            self._changed.notify_all()

    def vouch(self, who: Who) -> Who:
        """Whoever sits at this machine is who they were."""
        return who

    def healthy(self) -> str | None:
        return None if self._receive else "The console does not listen."

    def writable(self, place: Place) -> str | None:
        if place.platform == CONSOLE and place.channel == CONSOLE:
            return None
        return f"There is only one room here, {CONSOLE}; {place.channel} on {place.platform} is not it."

    def post(self, message: Message) -> Place:
        if reason := self.writable(message.place):
            raise NotFound(reason)
        return self._add(message).message.place

    def edit(self, place: Place, message: Message) -> Place:
        with self._changed:
            standing = self._entries.get(place.message or "")
            if standing is None:
                raise NotFound("That message no longer stands in the room.")
            reply = fit(message.reply)
            if (reply, message.final) == (standing.message.reply, standing.message.final):
                return place
            changed = replace(message, reply=reply, place=standing.message.place)
            self._put(replace(standing, message=changed, serial=self._next(), edited=self._clock.now()))
        self._tell()
        return place

    def find(self, place: Place, key: str) -> Place | None:
        with self._changed:
            entry = self._newest(key) if self.writable(place) is None else None
        return entry.message.place if entry else None

    def whisper(self, request: Request, reply: Reply) -> None:
        """There is one operator: what is for their eyes alone stands in the room, marked private."""
        private = replace(reply, private=True)
        self._add(Message(key=f"order:{request.id}", place=request.place, reply=private))

    def say(self, text: str, who: Who) -> Request:
        """Give an order. It stands in the room at once; a refusal to take it is answered there and raised."""
        identity, now = secrets.token_hex(8), self._clock.now()
        said = Message(key=f"said:{identity}", place=Place(CONSOLE, CONSOLE), reply=Reply(title=veil(text)))
        place = self._add(said, who).message.place
        request = Request(id=identity, who=who, place=place, text=text, at=now)
        try:
            self._hand_over(request)
        except QuarterdeckError as error:
            self.whisper(request, refusal(error))
            raise
        return request

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """`listener` gets every new or changed message and never blocks; what is returned ends it."""
        with self._changed:
            self._listeners = (*self._listeners, listener)

        def unsubscribe() -> None:
            with self._changed:
                self._listeners = tuple(one for one in self._listeners if one is not listener)

        return unsubscribe

    def entries(self, after: int = 0) -> list[Entry]:
        """What stands here and changed after that serial, in the order it was first said."""
        with self._changed:
            return [entry for entry in self._entries.values() if entry.serial > after]

    def wait_for(self, key: str, timeout: float) -> Message:
        """The final message under this key; Unavailable when there is none within `timeout` seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._final(key) or self._receive is None, timeout)
            message = self._final(key)
        if message is None:
            raise Unavailable(
                f"No final answer within {timeout:g} s.", fact="It may still be under way.", hint="status"
            )
        return message

    def _hand_over(self, request: Request) -> None:
        receive = self._receive
        if receive is None:
            raise Unavailable("The console takes no orders now.", hint="Nothing was changed.")
        receive(request)

    def _add(self, message: Message, who: Who | None = None) -> Entry:
        with self._changed:
            serial = self._next()
            place = Place(CONSOLE, CONSOLE, thread=self._thread(message), message=f"m{serial}")
            standing = replace(message, reply=fit(message.reply), place=place)
            entry = Entry(place.message or "", standing, self._clock.now(), serial, who=who)
            self._put(entry)
            if entry.thread:
                self._beneath[entry.thread] += 1
            self._forget()
        self._tell()
        return entry

    def _next(self) -> int:
        self._serial += 1
        return self._serial

    def _put(self, entry: Entry) -> None:
        self._entries[entry.id] = entry
        self._untold.append(entry)
        self._changed.notify_all()

    def _thread(self, message: Message) -> str | None:
        """The message it belongs under. Threads are one level deep, as in the chats."""
        parent = self._entries.get(message.place.thread or "")
        if parent is None and message.parent:
            parent = self._newest(message.parent)
        return (parent.thread or parent.id) if parent else None

    def _forget(self) -> None:
        """The oldest final ones go first, and a message goes after the replies under it."""
        while len(self._entries) > self._limit:
            oldest = (e for e in self._entries.values() if e.message.final and not self._beneath[e.id])
            gone = self._entries.pop(next(oldest, next(iter(self._entries.values()))).id)
            if gone.thread:
                self._beneath -= Counter([gone.thread])

    def _newest(self, key: str) -> Entry | None:
        return next((e for e in reversed(self._entries.values()) if e.message.key == key), None)

    def _final(self, key: str) -> Message | None:
        entry = self._newest(key)
        return entry.message if entry and entry.message.final else None

    def _tell(self) -> None:
        """Whoever comes second leaves its news to the first, so nobody waits for a listener while telling."""
        while self._untold and self._telling.acquire(blocking=False):
            try:
                while self._untold:
                    self._tell_one(self._untold.popleft())
            finally:
                self._telling.release()

    def _tell_one(self, entry: Entry) -> None:
        for listener in self._listeners:
            try:
                listener(entry)
            except Exception:
                log.exception("a reader of the room broke")
