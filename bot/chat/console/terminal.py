"""The room in a terminal: what is final scrolls by once, what is live stands above the prompt and changes in place."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress

from prompt_toolkit import PromptSession, print_formatted_text
from prompt_toolkit.application import in_terminal
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.formatted_text import FormattedText
from prompt_toolkit.history import History
from prompt_toolkit.input import Input
from prompt_toolkit.output import ColorDepth, Output
from prompt_toolkit.styles import Style

from bot.chat.console.entry import Entry
from bot.chat.console.feed import Feed, waking
from bot.chat.console.keys import OrderCompleter, Suggest, bindings
from bot.chat.console.room import Room
from bot.chat.console.text import INDENT, Line, beneath, lines, visible
from bot.core.errors import QuarterdeckError
from bot.core.model import Tone, Who

PROMPT = "› "
GOODBYE = ("exit", "quit")
STYLE = Style.from_dict(
    {
        "order": "bold",
        "good": "ansigreen bold",
        "bad": "ansired bold",
        "warning": "ansiyellow bold",
        "working": "ansicyan bold",
        "plain": "bold",
        "head": "ansibrightblack",
        "field": "ansibrightblack",
        "button": "ansibrightblack",
        "thread": "ansibrightblack",
        "prompt": "bold",
        "bottom-toolbar": "noreverse ansibrightblack",
    }
)

Fragments = list[tuple[str, str]]


class Terminal:
    """Runs in the thread that calls `run`. The room wakes it; it never makes the room wait."""

    def __init__(
        self,
        room: Room,
        who: Who,
        suggest: Suggest,
        *,
        history: History,
        input: Input | None = None,  # noqa: A002 - the name the library gives it
        output: Output | None = None,
    ) -> None:
        self._room = room
        self._who = who
        self._live: dict[str, Entry] = {}
        self._session: PromptSession[str] = PromptSession(
            message=self._prompt,
            completer=OrderCompleter(suggest),
            complete_in_thread=True,
            reserve_space_for_menu=4,
            history=history,
            key_bindings=bindings(),
            style=STYLE,
            color_depth=ColorDepth.from_env(),
            erase_when_done=True,
            input=input,
            output=output,
        )
        self._session.default_buffer.accept_handler = self._order

    def run(self) -> None:
        """Until Ctrl-D, Ctrl-C twice, or what people type to leave a shell."""
        asyncio.run(self._talk())

    async def _talk(self) -> None:
        loop, news = asyncio.get_running_loop(), asyncio.Event()
        feed = Feed(wake=waking(loop, news))
        unsubscribe = self._room.subscribe(feed.put)
        printing = asyncio.create_task(self._keep_printing(feed, news))
        try:
            with suppress(EOFError, KeyboardInterrupt):
                await self._session.prompt_async()
        finally:
            unsubscribe()
            printing.cancel()
            with suppress(asyncio.CancelledError):
                await printing

    def _order(self, buffer: Buffer) -> bool:
        """One order a line, as they are pasted; a refusal to take one stands in the room already.

        False: what stood here is emptied and kept in the history.
        """
        for text in map(str.strip, buffer.text.splitlines()):
            if text.lower() in GOODBYE:
                self._session.app.exit(exception=EOFError)
                break
            if text:
                with suppress(QuarterdeckError):
                    self._room.say(text, self._who)
        return False

    async def _keep_printing(self, feed: Feed, news: asyncio.Event) -> None:
        while True:
            await news.wait()
            news.clear()
            finished = [entry for entry in feed.drain() if self._is_finished(entry)]
            if finished:
                async with in_terminal():
                    for entry in finished:
                        self._print(entry)
            self._session.app.invalidate()

    def _is_finished(self, entry: Entry) -> bool:
        if entry.message.final:
            self._live.pop(entry.id, None)
            return True
        self._live[entry.id] = entry
        return False

    def _print(self, entry: Entry) -> None:
        output, depth = self._session.app.output, self._session.app.color_depth
        print_formatted_text(FormattedText(self._shown(entry)), style=STYLE, output=output, color_depth=depth)

    def _shown(self, entry: Entry) -> Fragments:
        reply = entry.message.reply
        if entry.who:
            return [("class:order", f"{PROMPT}{visible(reply.title)}")]
        if entry.thread:
            return _joined(
                ("class:thread", line.text) for line in beneath(reply, self._room.clock.now(), self._width())
            )
        return _joined(_coloured(line, reply.tone) for line in lines(reply, self._room.clock.now(), self._width()))

    def _prompt(self) -> FormattedText:
        """The live messages, the newest nearest to the hand that types, and the prompt below them."""
        above: Fragments = []
        for part in self._live_parts():
            above += [*part, ("", "\n")]
        return FormattedText([*above, ("class:prompt", PROMPT)])

    def _live_parts(self) -> Iterator[Fragments]:
        """As many as half the screen holds; the rest is counted."""
        room = self._session.app.output.get_size().rows // 2
        shown: list[Fragments] = []
        roots = [entry for entry in self._live.values() if not entry.thread]
        for entry in reversed(roots):
            part = self._shown(entry)
            if (room := room - _height(part)) < 0:
                break
            shown.insert(0, part)
        if hidden := len(roots) - len(shown):
            yield [("class:thread", f"{INDENT}and {hidden} more under way")]
        yield from shown

    def _width(self) -> int:
        return self._session.app.output.get_size().columns - 1


def _coloured(line: Line, tone: Tone) -> tuple[str, str]:
    return (f"class:{tone.value if line.part == 'title' else line.part}", line.text)


def _joined(fragments: Iterator[tuple[str, str]]) -> Fragments:
    joined: Fragments = []
    for style, text in fragments:
        joined += [("", "\n"), (style, text)] if joined else [(style, text)]
    return joined


def _height(part: Fragments) -> int:
    return 1 + sum(text.count("\n") for _, text in part)
