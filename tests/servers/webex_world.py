"""What stands in the Webex of the tests: people, rooms, messages, webhooks. Plain data behind one lock."""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import RLock
from typing import Any
from uuid import uuid4

Json = dict[str, Any]
BOT_TOKEN = "webex-test-token"


def identity(kind: str, name: str = "") -> str:
    """As Webex writes ids."""
    return b64encode(f"ciscospark://us/{kind}/{name or uuid4()}".encode()).decode().rstrip("=")


ORG, OTHER_ORG = identity("ORGANIZATION", "ours"), identity("ORGANIZATION", "theirs")


@dataclass
class Person:
    name: str
    email: str
    org: str = ORG
    type: str = "person"
    id: str = field(default_factory=lambda: identity("PEOPLE"))

    def seen(self) -> Json:
        names = {"displayName": self.name, "nickName": self.name.split()[0]}
        return {"id": self.id, "emails": [self.email], **names, "orgId": self.org, "type": self.type}


@dataclass
class Room:
    title: str
    type: str
    members: set[str]
    announcement_only: bool = False
    id: str = field(default_factory=lambda: identity("ROOM"))

    def seen(self) -> Json:
        flags = {"isLocked": False, "isAnnouncementOnly": self.announcement_only, "isReadOnly": False}
        return {"id": self.id, "title": self.title, "type": self.type, **flags}


@dataclass
class Message:
    """`content` is what was sent: text, markdown, attachments, files."""

    room: Room
    person: Person
    content: Json
    created: datetime
    parent: str | None = None
    mentioned: tuple[str, ...] = ()
    edits: int = 0
    id: str = field(default_factory=lambda: identity("MESSAGE"))

    def seen(self) -> Json:
        optional = {
            "parentId": self.parent,
            "mentionedPeople": list(self.mentioned) or None,
            "updated": moment(self.created) if self.edits else None,
        }
        return {
            "id": self.id,
            "roomId": self.room.id,
            "roomType": self.room.type,
            **{name: value for name, value in self.content.items() if name != "file"},
            "personId": self.person.id,
            "personEmail": self.person.email,
            "created": moment(self.created),
            **{name: value for name, value in optional.items() if value is not None},
        }


@dataclass
class World:
    """`tick` after each message, so that all of them have an order."""

    now: Callable[[], datetime]
    bot: Person = field(default_factory=lambda: Person("Quarterdeck Bot", "quarterdeck@webex.bot", type="bot"))
    lock: RLock = field(default_factory=RLock)
    people: dict[str, Person] = field(default_factory=dict)
    rooms: dict[str, Room] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    actions: dict[str, Json] = field(default_factory=dict)
    webhooks: dict[str, Json] = field(default_factory=dict)
    ticks: int = 0

    def __post_init__(self) -> None:
        self.people[self.bot.id] = self.bot

    def time(self) -> datetime:
        self.ticks += 1
        return self.now() + timedelta(milliseconds=self.ticks % 1_000)

    def direct_room(self, person: Person) -> Room:
        members = {person.id, self.bot.id}
        for room in self.rooms.values():
            if room.type == "direct" and room.members == members:
                return room
        room = Room(person.name, "direct", members)
        self.rooms[room.id] = room
        return room

    def add(self, message: Message) -> Message:
        self.messages[message.id] = message
        return message


def moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
