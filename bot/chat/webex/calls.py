"""The calls of Webex's API that we make: each with a timeout, each failing with an error of ours.

Nothing is retried here: a post whose answer got lost may stand there, and only the outbox knows how to look. Who was
told to wait is told at once, since the thread that asks serves others too.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct

from bot.chat.learned import Learned
from bot.chat.webex.access import WebexAccess
from bot.chat.webex.cards import Json
from bot.chat.webex.failures import REVOKED, Answer, understood, unreachable, unreadable
from bot.core.clock import Clock
from bot.core.errors import Invalid, NotFound, QuarterdeckError

if TYPE_CHECKING:
    from bot.chat.webex.wire import Api

T = TypeVar("T")
UNKNOWN = "the bot"
PAGE = 100
OUTPUT = "output.txt"


class Identity(Struct, frozen=True):
    """Who the bot is there."""

    id: str
    email: str
    names: tuple[str, ...]
    org: str


class Calls:
    """The lock guards the loading of the SDK."""

    def __init__(self, access: WebexAccess, clock: Clock) -> None:
        self._access = access
        self._clock = clock
        self._learned = Learned[Identity, str]("Webex", REVOKED, clock)
        self._loading = Lock()
        self._loaded: Api | None = None

    @property
    def name(self) -> str:
        """As people type it to add the bot to a room."""
        me = self._learned.me
        return me.email if me else UNKNOWN

    @property
    def trouble(self) -> str | None:
        return self._learned.trouble

    def identity(self) -> Identity:
        if known := self._learned.me:
            return known
        me = self._ask("people", lambda api: api.people.me())
        names = tuple(str(me[key]) for key in ("displayName", "nickName") if me.get(key))
        return self._learned.met(Identity(str(me.get("id", "")), email(me) or UNKNOWN, names, str(me.get("orgId", ""))))

    def post(self, room: str, parent: str | None, markdown: str, attachment: Json | None = None) -> str:
        """The new message's id. A card goes with the text that stands in for it.

        What was to stand under something that people deleted stands by itself: that is better than silence.
        """
        said = {"roomId": room, "markdown": markdown, "attachments": [attachment] if attachment else None}
        try:
            return self._said(lambda api: api.messages.create(**said, parentId=parent))
        except (Invalid, NotFound):
            if parent is None:
                raise
            return self._said(lambda api: api.messages.create(**said))

    def write_to(self, person: str, markdown: str) -> str:
        return self._said(lambda api: api.messages.create(toPersonId=person, markdown=markdown))

    def invite(self, address: str, markdown: str) -> tuple[str, str]:
        """The direct room that this opens, and the message in it."""
        said = self._ask("messages", lambda api: api.messages.create(toPersonEmail=address, markdown=markdown))
        return str(said.get("roomId", "")), str(said["id"])

    def attach(self, room: str, parent: str, markdown: str, content: str) -> str:
        """The SDK sends files by their path alone."""
        with TemporaryDirectory(prefix="quarterdeck-") as folder:
            path = Path(folder, OUTPUT)
            path.write_text(content, encoding="utf-8")
            return self._said(
                lambda api: api.messages.create(roomId=room, parentId=parent, markdown=markdown, files=[str(path)])
            )

    def edit(self, message: str, room: str, markdown: str) -> None:
        self._ask("messages", lambda api: api.messages.edit(message, roomId=room, markdown=markdown))

    def delete(self, message: str) -> None:
        """It may be gone already: then it is as it should be."""
        try:
            self._ask("messages", lambda api: api.messages.delete(message))
        except NotFound:
            return

    def message(self, message: str) -> Json:
        return self._ask("messages", lambda api: api.messages.get(message))

    def newest(self, room: str, parent: str | None, most: int) -> list[Json]:
        """Only where the bot is alone with a person: in other rooms Webex does not let it look."""
        return self._ask("messages", lambda api: list(islice(api.messages.list(room, parentId=parent, max=PAGE), most)))

    def action(self, action: str) -> Json:
        return self._ask("actions", lambda api: api.actions.get(action))

    def person(self, person: str) -> Json:
        return self._ask("people", lambda api: api.people.get(person))

    def room(self, room: str) -> Json:
        return self._ask("rooms", lambda api: api.rooms.get(room))

    def membership(self, room: str, person: str) -> Json | None:
        found: list[Json] = self._ask(
            "memberships", lambda api: list(islice(api.memberships.list(roomId=room, personId=person), 1))
        )
        return found[0] if found else None

    def webhooks(self) -> list[Json]:
        return self._ask("webhooks", lambda api: list(islice(api.webhooks.list(max=PAGE), 10 * PAGE)))

    def create_webhook(self, fields: dict[str, str]) -> None:
        self._ask("webhooks", lambda api: api.webhooks.create(**fields))

    def update_webhook(self, webhook: str, fields: dict[str, str]) -> None:
        self._ask("webhooks", lambda api: api.webhooks.update(webhook, **fields))

    def delete_webhook(self, webhook: str) -> None:
        self._ask("webhooks", lambda api: api.webhooks.delete(webhook))

    def _said(self, call: "Callable[[Api], Json]") -> str:
        return str(self._ask("messages", lambda api: call(api)["id"]))

    def _ask(self, kind: str, call: "Callable[[Api], T]") -> T:
        """`kind` is what Webex counts apart when it limits us."""
        with self._learned.through(kind), self._ours():
            return call(self._api())

    @contextmanager
    def _ours(self) -> Iterator[None]:
        """No exception of the SDK's leaves this file, nor its traceback: the token is in it."""
        from bot.chat.webex.wire import UNREACHABLE, UNREADABLE

        failed: QuarterdeckError | None = None
        try:
            yield
        except Answer as answer:
            failed = understood(answer, self._access.token, self.name, self._clock.now())
        except UNREACHABLE as error:
            failed = unreachable(error)
        except UNREADABLE as error:
            failed = unreadable(error)
        if failed:
            raise failed

    def _api(self) -> "Api":
        from bot.chat.webex.wire import Api

        with self._loading:
            if self._loaded is None:
                self._loaded = Api(self._access.token, self._access.api_url)
            return self._loaded


def email(person: Json) -> str | None:
    addresses = person.get("emails")
    return str(addresses[0]) if isinstance(addresses, list) and addresses else None
