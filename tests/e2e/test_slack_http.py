"""Mode http: signed requests from a Slack that is not ours, through our own web edge."""

from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue

import pytest

from bot.chat.slack import Mode, SlackAccess, SlackPlatform
from bot.core.model import Button, Message, Place, Reply, Request
from bot.core.secret import Secret
from bot.web.chats import chat_routes
from bot.web.server import WebServer
from tests.contract.platform_kit import StillClock
from tests.contract.slack_kit import ANN, BOT, WORKSPACE
from tests.servers.process import free_ports
from tests.servers.require import or_skip
from tests.servers.slack import LocalSlack
from tests.servers.wire import ask

CHANNEL = "C000ROOM"
WAIT = 20.0
WHY = Reply("a", buttons=(Button("Why", "why web_app"),))


class Office:
    def __init__(self, slack: LocalSlack, platform: SlackPlatform, url: str) -> None:
        self.slack = slack
        self.platform = platform
        self.url = url
        self.received: SimpleQueue[Request] = SimpleQueue()

    def next(self) -> Request:
        return self.received.get(timeout=WAIT)


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    port = free_ports(1)[0]
    url = f"http://127.0.0.1:{port}/slack/events"
    app = {"appId": "A01APP", "botUserId": BOT, "mode": "events", "requestUrl": url, "signingSecret": "shhh"}
    with or_skip(), LocalSlack({**WORKSPACE, "apps": [app]}, port) as slack, served(slack, port, url) as office:
        yield office


@contextmanager
def served(slack: LocalSlack, port: int, url: str) -> Iterator[Office]:
    access = SlackAccess(Mode.HTTP, Secret("xoxb-test-token"), signing_secret=Secret("shhh"), api_url=slack.api_url)
    platform = SlackPlatform(access, StillClock())
    web = WebServer(chat_routes([platform]), "127.0.0.1", port)
    web.start()
    office = Office(slack, platform, url)
    platform.start(office.received.put)
    try:
        yield office
    finally:
        platform.stop()
        web.stop()


def test_a_mention_arrives(office: Office) -> None:
    office.slack.control("message", {"channel": CHANNEL, "user": ANN, "text": f"<@{BOT}> status"})
    assert office.next().text == "status"


def test_a_slash_command_arrives(office: Office) -> None:
    said = {"channel": CHANNEL, "user": ANN, "command": "/deploy", "text": "web_app 3f2a91c", "appId": "A01APP"}
    office.slack.control("command", said)
    request = office.next()
    assert request.text == "deploy web_app 3f2a91c"
    office.platform.whisper(request, Reply("No image 3f2a91c of web_app.", private=True))
    assert "No image 3f2a91c" in str(office.slack.control(f"messages/{CHANNEL}"))


def test_a_button_arrives(office: Office) -> None:
    place = office.platform.post(Message("order:1", Place("slack", CHANNEL), WHY))
    action = {"type": "button", "action_id": "order:0", "value": "why web_app"}
    pressed = {"channel": CHANNEL, "messageTs": place.message, "user": ANN, "action": action}
    office.slack.control("interact", pressed)
    assert office.next().text == "why web_app"


def test_whoever_is_not_slack_is_told_nothing(office: Office) -> None:
    before = office.platform.ignored.get("forged", 0)
    answer = ask(office.url, "POST", b'{"type": "url_verification", "challenge": "x"}', {"X-Slack-Signature": "v0=0"})
    assert (answer.status, answer.body) == (401, b"")
    assert office.platform.ignored["forged"] == before + 1
    assert ask(office.url, "GET").status == 405
