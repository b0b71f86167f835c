"""What the platform suite needs from each platform: hands that type and press, and eyes that read.

A new platform is one more row in KITS.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from typing import NamedTuple, Protocol

from bot.chat import Platform
from bot.chat.console.entry import Entry
from bot.chat.console.room import Room
from bot.chat.console.text import plain
from bot.core.model import CONSOLE, Place, Who

NOW = datetime(2026, 11, 3, 14, 32, tzinfo=UTC)


class Standing(NamedTuple):
    """One message as a reader sees it: markup and escapes already undone, a table as it is laid out."""

    text: str
    under: str | None
    buttons: tuple[str, ...]


class Kit(Protocol):
    """`persists` tells whether messages outlive the adapter; `person` is who types and presses."""

    persists: bool
    person: Who

    @property
    def platform(self) -> Platform: ...

    @property
    def place(self) -> Place:
        """A channel in which the bot may post."""

    @property
    def elsewhere(self) -> Place:
        """One in which it may not."""

    def says(self, text: str) -> None:
        """The person types it, meant for the bot, in `place`."""

    def press(self, label: str) -> None:
        """The person presses this button of the newest message that has it."""

    def standing(self) -> list[Standing]:
        """Everything the person can read in `place`, threads too, oldest first."""

    def restart(self) -> None:
        """A new adapter for the same chat, as after a crash; `platform` is not started yet."""


class StillClock:
    def now(self) -> datetime:
        return NOW

    def real(self, seconds: float) -> float:
        return seconds


class ConsoleKit:
    persists = False
    person = Who(platform=CONSOLE, id="oncall", name="oncall")
    place = Place(CONSOLE, CONSOLE)
    elsewhere = Place(CONSOLE, "cellar")

    def __init__(self) -> None:
        self._room = Room(StillClock())

    @property
    def platform(self) -> Platform:
        return self._room

    def says(self, text: str) -> None:
        self._room.say(text, self.person)

    def press(self, label: str) -> None:
        buttons = (b for entry in reversed(self._room.entries()) for b in entry.message.reply.buttons)
        self.says(next(b.command for b in buttons if b.label == label))

    def standing(self) -> list[Standing]:
        return [self._seen(entry) for entry in self._room.entries() if not entry.who]

    def restart(self) -> None:
        self._room = Room(StillClock())

    def _seen(self, entry: Entry) -> Standing:
        parents = (e for e in self._room.entries() if e.id == entry.thread)
        under = next((parent.message.reply.title for parent in parents), None)
        reply = entry.message.reply
        return Standing(plain(reply, NOW), under, tuple(button.label for button in reply.buttons))


@contextmanager
def console() -> Iterator[Kit]:
    kit = ConsoleKit()
    yield kit
    kit.platform.stop()


KITS: dict[str, Callable[[], AbstractContextManager[Kit]]] = {"console": console}
