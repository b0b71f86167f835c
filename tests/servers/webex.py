"""A Webex of the tests: strict, on loopback, with one bot in it and hands for the people.

It speaks the part of Webex's API that a bot may use, refuses what Webex refuses, and ends the test loudly over
anything that is not in Webex's documentation: a path, a field, a method.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message as Part
from html import escape
from types import TracebackType
from typing import Any, Self

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.web.server import WebServer
from tests.servers.webex_api import NEWEST, Api
from tests.servers.webex_faults import Fault, Faults
from tests.servers.webex_hooks import Courier
from tests.servers.webex_rules import Broken, Refused, walk
from tests.servers.webex_world import BOT_TOKEN, Json, Message, Person, Room, World, identity, moment

METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH"]
PREFIX = "/v1/"
LARGEST = 4_000_000


class WebexDouble:
    """`page` is how much a page of a list holds at most; `next_host` is where the next one is said to be."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.world = World(now)
        self.faults = Faults()
        self.courier = Courier()
        self.page = NEWEST
        self.next_host: str | None = None
        self._api = Api(self.world)
        self._server = WebServer(
            [Route(f"{PREFIX}{{path:path}}", self._serve, methods=METHODS)], "127.0.0.1", 0, largest=LARGEST
        )
        self.api_url = ""

    def __enter__(self) -> Self:
        self.api_url = f"http://127.0.0.1:{self._server.start()}{PREFIX}"
        self.courier.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.courier.stop()
        self._server.stop()
        if self.faults.broken and kind is None:
            raise AssertionError(f"Webex knows nothing of: {'; '.join(self.faults.broken)}")

    def person(self, name: str, email: str, **more: Any) -> Person:
        person = Person(name, email, **more)
        with self.world.lock:
            self.world.people[person.id] = person
        return person

    def room(self, *people: Person, title: str = "Operations", **more: Any) -> Room:
        """A group room with the bot in it."""
        room = Room(title, "group", {self.world.bot.id, *(p.id for p in people)}, **more)
        with self.world.lock:
            self.world.rooms[room.id] = room
        return room

    def direct(self, person: Person) -> Room:
        with self.world.lock:
            return self.world.direct_room(person)

    def say(
        self, room: Room, person: Person, text: str, *, mention: bool | None = None, parent: str | None = None
    ) -> Message:
        """The person types it; in a group room the bot is mentioned first, unless `{bot}` says where."""
        bot = self.world.bot
        mention = room.type == "group" if mention is None else mention
        written = text if "{bot}" in text or not mention else f"{{bot}} {text}"
        tag = f'<spark-mention data-object-type="person" data-object-id="{bot.id}">{bot.name}</spark-mention>'
        content = {"text": written.replace("{bot}", bot.name)}
        if mention:
            content["html"] = f"<p>{escape(written, quote=False).replace('{bot}', tag)}</p>"
        with self.world.lock:
            mentioned = (bot.id,) if mention else ()
            said = self.world.add(Message(room, person, content, self.world.time(), parent, mentioned))
            self._tell(said)
        self.courier.drain()
        return said

    def press(self, card: Message, person: Person, inputs: Json) -> None:
        with self.world.lock:
            action: Json = {
                "id": identity("ATTACHMENT_ACTION"),
                "type": "submit",
                "messageId": card.id,
                "inputs": inputs,
                "personId": person.id,
                "roomId": card.room.id,
                "created": moment(self.world.time()),
            }
            self.world.actions[action["id"]] = action
            self._notify("attachmentActions", {k: v for k, v in action.items() if k != "inputs"})
        self.courier.drain()

    def messages(self, room: Room) -> list[Message]:
        with self.world.lock:
            return [m for m in self.world.messages.values() if m.room is room]

    def inject(self, *faults: Fault) -> None:
        self.faults.inject(*faults)

    async def _serve(self, request: Request) -> Response:
        body = await request.body()
        return await run_sync(self._answer, request, body)

    def _answer(self, request: Request, body: bytes) -> Response:
        path = request.path_params["path"]
        fault = self.faults.next(request.method, path)
        if fault and not fault.after:
            return _failed(fault)
        if request.headers.get("Authorization") != f"Bearer {BOT_TOKEN}":
            return _refusal(401, "The request requires a valid access token set in the Authorization request header.")
        try:
            with self.world.lock:
                answer = self._call(request, path, body)
        except Refused as refused:
            self.faults.refused.append(f"{refused.status} {request.method} {path}: {refused.message}")
            return _refusal(refused.status, refused.message)
        except Exception as broken:  # noqa: BLE001 - whatever breaks here fails the test
            self.faults.broken.append(f"{request.method} {path}: {type(broken).__name__} {broken}")
            return _refusal(400, str(broken))
        return _failed(fault) if fault else answer

    def _call(self, request: Request, path: str, body: bytes) -> Response:
        kind, _, rest = path.partition("/")
        if kind == "attachment" and rest.startswith("actions/"):
            kind, rest = "actions", rest.removeprefix("actions/")
        name = (request.method, kind, bool(rest))
        if name == ("POST", "messages", False):
            message = self._api.create_message(_given(request, body))
            self._tell(message)
            return JSONResponse(message.seen())
        if name == ("PUT", "messages", True):
            return JSONResponse(self._api.edit_message(rest, _given(request, body)).seen())
        if request.method == "DELETE" and kind in ("messages", "webhooks") and rest:
            (self._api.delete_message if kind == "messages" else self._api.delete_webhook)(rest)
            return Response(status_code=204)
        return self._read(request, name, rest) if request.method == "GET" else self._hook(request, name, rest, body)

    def _hook(self, request: Request, name: tuple[str, str, bool], rest: str, body: bytes) -> Response:
        if name == ("POST", "webhooks", False):
            return JSONResponse(self._api.create_webhook(_given(request, body)))
        if name == ("PUT", "webhooks", True):
            return JSONResponse(self._api.update_webhook(rest, _given(request, body)))
        raise Broken("no such call")

    def _read(self, request: Request, name: tuple[str, str, bool], rest: str) -> Response:
        one = {
            "messages": self._api.message,
            "rooms": self._api.room,
            "people": self._api.person,
            "actions": self._api.action,
        }
        many = {
            "messages": self._api.messages,
            "memberships": self._api.memberships,
            "webhooks": self._api.webhooks,
        }
        _, kind, single = name
        if single and kind in one and not request.query_params:
            return JSONResponse(one[kind](rest))
        if not single and kind in many:
            return self._list(request, many[kind](request.query_params))
        raise Broken("no such call")

    def _list(self, request: Request, items: list[Json]) -> Response:
        """Messages go on before the last one, other things at a cursor."""
        query = dict(request.query_params)
        start = int(query.get("cursor", "0"))
        size = min(self.page, int(query.get("max", NEWEST)))
        shown = items[start : start + size]
        headers = {}
        if start + size < len(items):
            by_message = request.path_params["path"] == "messages"
            place = {"beforeMessage": shown[-1]["id"]} if by_message else {"cursor": str(start + size)}
            url = request.url.include_query_params(**place)
            headers["Link"] = f'<{url.replace(netloc=self.next_host) if self.next_host else url}>; rel="next"'
        return JSONResponse({"items": shown}, headers=headers)

    def _tell(self, message: Message) -> None:
        if self._api.sees(message):
            hidden = ("text", "markdown", "html", "attachments", "files")
            self._notify("messages", {k: v for k, v in message.seen().items() if k not in hidden})

    def _notify(self, resource: str, data: Json) -> None:
        for hook in self.world.webhooks.values():
            if hook["resource"] == resource and hook["status"] == "active":
                self.courier.tell(hook, data)


def buttons(message: Message) -> list[Json]:
    """What can be pressed in the end; a question is opened by the button that asks it."""
    cards = message.content.get("attachments") or []
    return [element for card in cards for element in walk(card["content"]) if element["type"] == "Action.Submit"]


def _given(request: Request, body: bytes) -> Json:
    kind = request.headers.get("Content-Type", "")
    if kind.startswith("application/json"):
        found = json.loads(body)
        if not isinstance(found, dict):
            raise Refused(400, "not an object")
        return found
    if not kind.startswith("multipart/form-data"):
        raise Refused(415, "neither JSON nor a form")
    return _form(message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body))


def _form(form: Part) -> Json:
    """A file is kept with its name under `file`."""
    fields: Json = {}
    for part in form.walk():
        name = part.get_param("name", header="content-disposition")
        if isinstance(name, str):
            raw = part.get_payload(decode=True)
            content = raw.decode() if isinstance(raw, bytes) else ""
            filename = part.get_filename()
            fields["file" if filename else name] = (filename, content) if filename else content
    return fields


def _refusal(status: int, message: str) -> Response:
    return JSONResponse({"message": message, "errors": [{"description": message}], "trackingId": "ROUTER_1"}, status)


def _failed(fault: Fault) -> Response:
    return Response(fault.body, fault.status, fault.headers, "application/json")
