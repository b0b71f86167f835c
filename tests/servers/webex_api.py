"""The calls of Webex's API as the bot may make them. Each takes what was sent and returns what is answered."""

from collections.abc import Mapping
from typing import Any

from tests.servers.webex_rules import EDITS, Refused, require_content, require_fields
from tests.servers.webex_text import html_of, text_of
from tests.servers.webex_world import Json, Message, Person, Room, World, identity

NEWEST = 50
WEBHOOK = "name targetUrl resource event filter secret ownedBy"
RESOURCES = frozenset({"messages", "attachmentActions", "memberships", "rooms"})


class Api:
    """Everything is seen with the eyes of the bot whose token it is."""

    def __init__(self, world: World) -> None:
        self._world = world

    def create_message(self, given: Json) -> Message:
        require_fields(given, "roomId parentId toPersonId toPersonEmail text markdown files file attachments")
        room = self._addressed(given)
        require_content(given)
        parent = given.get("parentId")
        if parent:
            self._require_root(parent, room)
        content = {k: v for k, v in given.items() if k in ("text", "markdown", "files", "file", "attachments")}
        message = Message(room, self._world.bot, _with_html(content), self._world.time(), parent)
        return self._world.add(message)

    def edit_message(self, message_id: str, given: Json) -> Message:
        require_fields(given, "roomId text markdown html", "roomId")
        message = self._own(message_id)
        if message.room.id != given["roomId"]:
            raise Refused(400, "That message is in another room")
        if any(message.content.get(kind) for kind in ("attachments", "files", "file")):
            raise Refused(400, "A message with a file or a card cannot be edited")
        require_content(given)
        if message.edits >= EDITS:
            raise Refused(400, "A message can be edited 10 times")
        message.edits += 1
        message.content = _with_html({k: v for k, v in given.items() if k in ("text", "markdown")})
        return message

    def delete_message(self, message_id: str) -> None:
        del self._world.messages[self._own(message_id).id]

    def message(self, message_id: str) -> Json:
        """A bot sees what mentions it, and what is said to it alone. Not even its own words elsewhere."""
        message = self._world.messages.get(message_id)
        if message is None or not self.sees(message):
            raise Refused(404, "Unable to get message.")
        return message.seen()

    def sees(self, message: Message) -> bool:
        bot = self._world.bot.id
        return bot in message.room.members and (message.room.type == "direct" or bot in message.mentioned)

    def messages(self, query: Mapping[str, str]) -> list[Json]:
        require_fields(query, "roomId parentId mentionedPeople before beforeMessage max", "roomId")
        room = self._room(query["roomId"])
        mentioned = query.get("mentionedPeople")
        if room.type == "group" and mentioned not in ("me", self._world.bot.id):
            raise Refused(403, "Failed to get activity: a bot must ask with mentionedPeople=me")
        found = [m for m in self._world.messages.values() if m.room is room]
        found.sort(key=lambda m: m.created, reverse=True)
        if mentioned:
            found = [m for m in found if self._world.bot.id in m.mentioned]
        if parent := query.get("parentId"):
            found = [m for m in found if m.parent == parent]
        if before := query.get("beforeMessage"):
            at = self._world.messages[before].created
            found = [m for m in found if m.created < at]
        return [m.seen() for m in found]

    def room(self, room_id: str) -> Json:
        return self._room(room_id).seen()

    def memberships(self, query: Mapping[str, str]) -> list[Json]:
        require_fields(query, "roomId personId personEmail max cursor", "roomId")
        room = self._room(query["roomId"])
        wanted = query.get("personId")
        members = [self._world.people[one] for one in room.members if wanted in (None, one)]
        return [{"id": p.id, "roomId": room.id, "personId": p.id, "isModerator": False} for p in members]

    def person(self, person_id: str) -> Json:
        found = self._world.bot if person_id == "me" else self._world.people.get(person_id)
        if found is None:
            raise Refused(404, "Person not found.")
        return found.seen()

    def action(self, action_id: str) -> Json:
        if action_id not in self._world.actions:
            raise Refused(404, "Unable to get action.")
        return self._world.actions[action_id]

    def webhooks(self, query: Mapping[str, str]) -> list[Json]:
        require_fields(query, "max cursor ownedBy")
        return list(self._world.webhooks.values())

    def create_webhook(self, given: Json) -> Json:
        require_fields(given, WEBHOOK, "name targetUrl resource event")
        if given["resource"] not in RESOURCES or not given["targetUrl"].startswith("http"):
            raise Refused(400, "POST failed: no such resource, or no address")
        hook = {"id": identity("WEBHOOK"), "status": "active", **given}
        self._world.webhooks[hook["id"]] = hook
        return hook

    def update_webhook(self, webhook_id: str, given: Json) -> Json:
        require_fields(given, "name targetUrl secret ownedBy status", "name targetUrl")
        self._world.webhooks[self._webhook(webhook_id)].update(given)
        return self._world.webhooks[webhook_id]

    def delete_webhook(self, webhook_id: str) -> None:
        del self._world.webhooks[self._webhook(webhook_id)]

    def _webhook(self, webhook_id: str) -> str:
        if webhook_id not in self._world.webhooks:
            raise Refused(404, "No such webhook.")
        return webhook_id

    def _addressed(self, given: Json) -> Room:
        ways = [name for name in ("roomId", "toPersonId", "toPersonEmail") if given.get(name)]
        if len(ways) != 1:
            raise Refused(400, "One of roomId, toPersonId and toPersonEmail is needed")
        if ways == ["roomId"]:
            return self._room(given["roomId"])
        return self._world.direct_room(self._addressee(given))

    def _addressee(self, given: Json) -> Person:
        wanted = (given.get("toPersonId"), given.get("toPersonEmail"))
        person = next((p for p in self._world.people.values() if p.id == wanted[0] or p.email == wanted[1]), None)
        if person is None:
            raise Refused(404, "Failed to create one on one room")
        return person

    def _room(self, room_id: str) -> Room:
        room = self._world.rooms.get(room_id)
        if room is None or self._world.bot.id not in room.members:
            raise Refused(404, "Could not find a room with provided ID.")
        return room

    def _require_root(self, parent: str, room: Room) -> None:
        root = self._world.messages.get(parent)
        if root is None or root.room is not room:
            raise Refused(400, "Unable to find the parent message")
        if root.parent:
            raise Refused(400, "Unable to reply to a reply")

    def _own(self, message_id: str) -> Message:
        message = self._world.messages.get(message_id)
        if message is None:
            raise Refused(404, "Message not found.")
        if message.person is not self._world.bot:
            raise Refused(403, "Not your message.")
        return message


def _with_html(content: Json) -> Json:
    """Webex draws the Markdown up itself, and the text for those who cannot show it."""
    if not content.get("markdown"):
        return content
    html: Any = html_of(content["markdown"])
    return {"text": text_of(html), **content, "html": html}
