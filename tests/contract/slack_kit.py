"""Hands and eyes for Slack: the adapter on a Slack server that is not ours, over its socket."""

import atexit
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from html import unescape
from itertools import count
from typing import Any

from bot.chat.slack import Mode, SlackAccess, SlackPlatform
from bot.core.clock import Clock
from bot.core.model import Place, Who
from bot.core.secret import Secret
from tests.contract.platform_kit import Kit, Standing, StillClock
from tests.contract.slack_gaps import Gaps, gaps
from tests.servers.require import or_skip
from tests.servers.slack import LocalSlack

ANN, BOT = "U01ANN", "U0BOT"
CHANNELS = 80

WORKSPACE: dict[str, Any] = {
    "workspace": {"name": "Micro", "domain": "micro", "teamId": "T01TEST"},
    "users": [{"id": ANN, "name": "ann", "real_name": "Ann", "email": "ann@example.test"}],
    "channels": [
        {"id": "D01ANN", "name": "ann", "is_im": True, "members": [ANN, BOT]},
        *(
            {"id": f"C{n:03}ROOM", "name": f"room-{n}", "is_channel": True, "members": [ANN, BOT]}
            for n in range(CHANNELS)
        ),
    ],
}
_numbers = count()


class Slack:
    """One server for all tests; each of them talks in a channel of its own."""

    def __init__(self, server: LocalSlack, filler: Gaps, api_url: str) -> None:
        self.server = server
        self.gaps = filler
        self.api_url = api_url

    def access(self) -> SlackAccess:
        return SlackAccess(Mode.SOCKET, Secret("xoxb-test-token"), Secret("xapp-test-token"), api_url=self.api_url)

    def messages(self, channel: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.server.control(f"messages/{channel}")["messages"]
        return found


@cache
def the_slack() -> Slack:
    """Ends with the process: a server that a test started would end with that test's thread."""
    stack = ExitStack()
    atexit.register(stack.close)
    with or_skip():
        server = stack.enter_context(LocalSlack(WORKSPACE))
    filler, api_url = stack.enter_context(gaps(server.api_url))
    return Slack(server, filler, api_url)


class SlackKit:
    persists = True
    person = Who("slack", ANN, "ann", "ann@example.test")
    elsewhere = Place("slack", "C0NOWHERE")

    def __init__(self, slack: Slack, clock: Clock | None = None) -> None:
        self.slack = slack
        self.place = Place("slack", f"C{next(_numbers) % CHANNELS:03}ROOM")
        self._clock = clock or StillClock()
        self._platform = SlackPlatform(slack.access(), self._clock)

    @property
    def platform(self) -> SlackPlatform:
        return self._platform

    def says(self, text: str) -> None:
        self.slack.server.control(
            "message", {"channel": self.place.channel, "user": ANN, "text": f"<@{BOT}> {_as_slack_sends(text)}"}
        )

    def press(self, label: str) -> None:
        for message in reversed(self.slack.messages(self.place.channel)):
            for button in _buttons(message):
                if button["text"]["text"] == label:
                    action = {"type": "button", "action_id": button["action_id"], "value": button["value"]}
                    where = {"channel": self.place.channel, "messageTs": message["ts"], "user": ANN}
                    self.slack.server.control("interact", {**where, "action": action})
                    return
        raise LookupError(label)

    def standing(self) -> list[Standing]:
        messages = self.slack.messages(self.place.channel)
        titles = {message["ts"]: read(message) for message in messages}
        return [
            Standing(
                read(message),
                titles.get(message["thread_ts"]) if message.get("thread_ts") not in (None, message["ts"]) else None,
                tuple(button["text"]["text"] for button in _buttons(message)),
            )
            for message in messages
            if message.get("user") == BOT
        ]

    def restart(self) -> None:
        self._platform = SlackPlatform(self.slack.access(), self._clock)


@contextmanager
def slack() -> Iterator[Kit]:
    kit = SlackKit(the_slack())
    yield kit
    kit.platform.stop()


def read(message: dict[str, Any]) -> str:
    """What a client draws of it."""
    return "\n".join(line for block in message.get("blocks") or () for line in _drawn(block)) or message["text"]


def _drawn(block: dict[str, Any]) -> Iterator[str]:
    if block["type"] == "rich_text":
        yield from ("".join(part["text"] for part in section["elements"]) for section in block["elements"])
        return
    for text in (block.get("text"), *(block.get("fields") or ()), *(block.get("elements") or ())):
        if not text or text["type"] == "button":
            continue
        plain = text["type"] == "plain_text"
        yield text["text"] if plain else unescape(text["text"].removeprefix("```\n").removesuffix("\n```"))


def _buttons(message: dict[str, Any]) -> list[dict[str, Any]]:
    return [e for block in message.get("blocks") or () if block["type"] == "actions" for e in block["elements"]]


def _as_slack_sends(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
