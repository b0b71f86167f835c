"""Orders from a pipe: for scripts, for tests, and for whoever has no terminal at hand.

Answers are printed by a thread of their own, so that what happens is seen while the next order is still awaited.
"""

import threading
from collections.abc import Iterable
from typing import Self, TextIO

from bot.chat.console.entry import Entry, veil
from bot.chat.console.feed import Feed
from bot.chat.console.form import Form, JsonForm, TextForm
from bot.chat.console.room import Room
from bot.core.asking import WAITING
from bot.core.errors import QuarterdeckError
from bot.core.model import CONSOLE, Message, Place, Reply, Tone, Who

NOT_AWAITED = " &"
TICK = 0.5


def run_pipe(room: Room, who: Who, lines: Iterable[str], out: TextIO, *, json: bool, timeout: float) -> int:
    """0 when every order came to a good end; 1 when one was refused, failed, or took longer than `timeout` seconds."""
    form = JsonForm() if json else TextForm(room.clock)
    with _Pipe(room, who, out, form, timeout) as pipe:
        for line in lines:
            pipe.take(line.strip())
        pipe.finish()
    return int(pipe.failed)


class _Pipe:
    """`_lock` guards what was given and what was printed; the room is never asked while it is held by the printer."""

    def __init__(self, room: Room, who: Who, out: TextIO, form: Form, timeout: float) -> None:
        self._room, self._who, self._out, self._form, self._timeout = room, who, out, form, timeout
        self._lock = threading.Condition()
        self._news = threading.Event()
        self._feed = Feed(wake=self._news.set)
        self._mine: dict[str, str] = {}
        self._ended: set[str] = set()
        self._waiting: set[str] = set()
        self._closed = False
        self._broken = False
        self.failed = False
        self._printer = threading.Thread(target=self._keep_printing, name="console-pipe", daemon=True)

    def __enter__(self) -> Self:
        self._unsubscribe = self._room.subscribe(self._feed.put)
        self._printer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._unsubscribe()
        self._closed = True
        self._news.set()
        self._printer.join(self._timeout)

    def take(self, line: str) -> None:
        """One order, to its end unless it ends in ` &`."""
        text = line.removesuffix(NOT_AWAITED).strip()
        if not text or text.startswith("#"):
            return
        key = self._say(text)
        if key and not line.endswith(NOT_AWAITED):
            self._await({key})
            self._await(self._going_on)

    def finish(self) -> None:
        """Whatever is still live when the orders end, other people's too, is followed to its end."""
        live = {entry.message.key for entry in self._room.entries() if not entry.message.final}
        self._await(live | set(self._mine))

    @property
    def _going_on(self) -> set[str]:
        """What waited for people and was agreed to."""
        with self._lock:
            return self._waiting - self._ended

    def _say(self, text: str) -> str | None:
        """Under the lock, so that an answer is not printed before it is known to be ours."""
        with self._lock:
            try:
                key = f"order:{self._room.say(text, self._who).id}"
            except QuarterdeckError:
                self.failed = True
                return None
            self._mine[key] = veil(text)
        return key

    def _await(self, keys: set[str]) -> None:
        with self._lock:
            self._lock.wait_for(lambda: self._broken or keys <= self._ended, self._timeout)
            for key in sorted(keys - self._ended):
                self._give_up(key)

    def _give_up(self, key: str) -> None:
        self.failed = True
        self._ended.add(key)
        reply = Reply(
            title=f"{self._mine.get(key, key)}: no verdict within {self._timeout:g} s",
            tone=Tone.WARNING,
            body="It goes on, but is not followed here any longer.\n    status",
            code="timeout",
        )
        self._write(self._form.answer(Message(key=key, place=Place(CONSOLE, CONSOLE), reply=reply)))

    def _keep_printing(self) -> None:
        while not self._closed or self._news.is_set():
            self._news.wait(TICK)
            self._news.clear()
            with self._lock:
                for entry in self._feed.drain():
                    self._print(entry)
                self._lock.notify_all()

    def _print(self, entry: Entry) -> None:
        message = entry.message
        self._write(self._form.entry(entry))
        if message.reply.code in WAITING:
            self._waiting.add(message.key)
            self._ended.add(message.key)
        elif message.key in self._waiting and not message.final:
            self._ended.discard(message.key)
        if message.final:
            self._ended.add(message.key)
            self.failed |= bool(message.reply.code) and message.key in self._mine

    def _write(self, text: str | None) -> None:
        """When nobody reads any more there is nothing left to do but to stop."""
        if text is None or self._broken:
            return
        try:
            self._out.write(f"{text}\n")
            self._out.flush()
        except (OSError, ValueError):
            self._broken = self.failed = True
