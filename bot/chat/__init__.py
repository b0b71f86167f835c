"""The Platform port: a chat that people type into and read from."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, runtime_checkable

from msgspec import Struct

from bot.core.model import Message, Place, Reply, Request, Who
from bot.core.workload import Image

Receive = Callable[[Request], None]


class Answer(Struct, frozen=True):
    """What goes back to whoever delivered something over HTTP."""

    status: int
    body: str = ""
    content_type: str = "text/plain"


@runtime_checkable
class Counted(Protocol):
    """A platform that counts what comes in and is no order."""

    @property
    def ignored(self) -> Mapping[str, int]:
        """Since the start, by the reason: words of ours, since whoever sends may send anything."""


@runtime_checkable
class Delivered(Protocol):
    """A platform that is delivered to over HTTP: verified first, handed over, answered at once."""

    @property
    def path(self) -> str | None:
        """Where it expects its deliveries; None where it opens a connection of its own."""

    def handle(self, headers: Mapping[str, str], raw: bytes) -> Answer: ...


class Choices(Protocol):
    """What a form has to choose from, as it was last known: asks nobody, so it may be read while Slack waits."""

    def services(self, who: Who, place: Place) -> Sequence[str]:
        """Those that this person may deploy somewhere from that place."""

    def environments(self, who: Who, place: Place) -> Sequence[str]:
        """Those that this person may deploy to from that place, in promotion order."""

    def versions(self, service: str) -> Sequence[Image]:
        """The newest first."""

    def unseen(self, who: Who, place: Place) -> Sequence[str]:
        """What is missing from those services, for each environment that was never seen: a sentence."""

    def objection(self, who: Who, place: Place, service: str, environment: str) -> str:
        """Why this person cannot have the two together; empty where nothing is known against it."""


@runtime_checkable
class Forms(Protocol):
    """A platform with forms: it is told before it starts where to look for what they offer."""

    def offer(self, choices: Choices) -> None: ...


@runtime_checkable
class Named(Protocol):
    """A platform on which people call channels by names, while it calls them otherwise."""

    def channel(self, name: str) -> str:
        """Its own word for the channel of this name; what is no name comes back as it is."""


Home = Callable[[Who], Sequence[Reply]]
"""What one person sees on a page of their own, part by part. It asks around, so it is not for listeners."""


@runtime_checkable
class Homes(Protocol):
    """A platform with such a page. It is told before it starts what stands there, and later that it changed."""

    def furnish(self, home: Home) -> None: ...

    def renew(self) -> None:
        """Returns at once; the platform decides how often it shows the page anew, and to whom."""


@runtime_checkable
class Direct(Protocol):
    """A platform on which the bot has a place alone with each person, and can say so before anything is said there."""

    def direct(self, who: Who) -> Place:
        """The same each time. NotAllowed or NotFound where there is none with them."""


class Platform(Protocol):
    """`name` is the platform of its places and people. Every call out of it has a timeout.

    What it cannot do now it says as `Unavailable` (with `retry_after` where it was told);
    what it can never do with this message as another `QuarterdeckError`.
    """

    @property
    def name(self) -> str: ...

    @property
    def edit_budget(self) -> int | None:
        """How often one message may be edited, if that is limited."""

    def start(self, receive: Receive) -> None:
        """Begin to listen. `receive` only enqueues, or raises Busy."""

    def post(self, message: Message) -> Place:
        """Say it and return where it stands. The message's key goes with it, for `find`."""

    def edit(self, place: Place, message: Message) -> Place:
        """Change in place what stands at `place`, and return where it stands with all that belongs to it."""

    def find(self, place: Place, key: str) -> Place | None:
        """What already stands under this key: asked after a crash between sent and noted."""

    def whisper(self, request: Request, reply: Reply) -> None:
        """Answer for the eyes of the person who asked alone."""

    def writable(self, place: Place) -> str | None:
        """Why the bot cannot post there, with the thing to type; None where it can."""

    def vouch(self, who: Who) -> Who:
        """Who this person of its own is now, asked anew. Unavailable where nobody says."""

    def healthy(self) -> str | None:
        """What is wrong with the connection, or None."""

    def stop(self) -> None: ...


@runtime_checkable
class Inviting(Platform, Protocol):
    """A platform that can write to somebody who never wrote to the bot."""

    def invite(self, address: str, reply: Reply) -> None:
        """Open a direct room with whoever has this e-mail address, with `reply` as the first thing in it.

        NotAllowed for people of domains that are not named, Refused for somebody who has just been invited.
        """
