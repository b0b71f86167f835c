"""A Slack that says what a test wants, and a person in it: for what no real server can be made to answer."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Lock
from typing import Any
from urllib.parse import urlencode

from slack_sdk.signature import SignatureVerifier

from bot.chat import Answer, Choices, Home, Receive
from bot.chat.slack import Mode, SlackAccess, SlackPlatform
from bot.core.clock import Clock
from bot.core.model import Request
from bot.core.secret import Secret
from tests.contract.platform_kit import StillClock
from tests.contract.slack_gaps import arguments, serving

TOKEN, SECRET = "xoxb-very-secret", "shhh-signing"
PATIENCE = 30.0
MEMBER = {"id": "U1", "team_id": "T1", "name": "dev1", "profile": {"display_name": "dev1", "email": "dev1@example.com"}}

Json = dict[str, Any]


class Stub:
    """`says` holds a method's answer, or its answers in turn; what it was asked is in `asked`."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.url = ""
        self.asked: SimpleQueue[tuple[str, Json]] = SimpleQueue()
        self.faults: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.says: dict[str, Json] = {
            "auth.test": {"team_id": "T1", "user_id": "U0BOT", "bot_id": "B0BOT", "user": "quarterdeck"},
            "bots.info": {"bot": {"id": "B0CIBOT", "name": "ci", "app_id": "A0CI", "user_id": "U0CI"}},
            "users.info": {"user": MEMBER},
            "usergroups.list": {"usergroups": [{"id": "S0RELEASE", "handle": "releasers", "users": ["U1"]}]},
            "conversations.info": {"channel": {"id": "C1", "is_member": True}},
            "chat.postMessage": {"channel": "C1", "ts": "1.000001"},
        }

    def answer(self, method: str, kind: str, _authorization: str, raw: bytes) -> tuple[int, dict[str, str], bytes]:
        self.asked.put((method, arguments(kind, raw)))
        with self._lock:
            if method in self.faults:
                return self.faults[method]
            body = self.says.get(method, {})
        return 200, {}, json.dumps({"ok": "error" not in body, **body}).encode()

    def asked_for(self, method: str) -> Json:
        """What it is asked next by this method."""
        while True:
            found, said = self.asked.get(timeout=PATIENCE)
            if found == method:
                return said


class Slack:
    """The platform in mode http, with hands to send it what Slack would."""

    def __init__(
        self, stub: Stub, clock: Clock, choices: Choices | None, home: Home | None, bots: frozenset[str] = frozenset()
    ) -> None:
        self.stub = stub
        access = SlackAccess(Mode.HTTP, Secret(TOKEN), signing_secret=Secret(SECRET), api_url=stub.url, bots=bots)
        self.platform = SlackPlatform(access, clock)
        if choices:
            self.platform.offer(choices)
        if home:
            self.platform.furnish(home)
        self.received: SimpleQueue[Request] = SimpleQueue()
        self.retries = 0

    def next(self) -> Request:
        return self.received.get(timeout=PATIENCE)

    def event(self, event: Json, **more: Any) -> Answer:
        about = {"api_app_id": "A0BOT", "authorizations": [{"user_id": "U0BOT"}]}
        whole = {"type": "event_callback", "event": event, **about}
        return self.send(json.dumps(whole).encode(), "application/json", **more)

    def mention(self, text: str, ts: str = "1700000000.000001", **more: Any) -> Answer:
        return self.event({"type": "app_mention", "user": "U1", "channel": "C1", "text": text, "ts": ts, **more})

    def slash(self, command: str, text: str = "", trigger: str = "t1", **more: Any) -> Answer:
        fields = {"command": command, "text": text, "user_id": "U1", "channel_id": "C1", "trigger_id": trigger, **more}
        return self.send(urlencode(fields).encode(), "application/x-www-form-urlencoded")

    def press(self, value: str, at: str = "2.1", user: str = "U1") -> Answer:
        action = {"type": "button", "action_id": "order:0", "value": value, "action_ts": at}
        box = {"type": "message", "message_ts": "1.000001", "channel_id": "C1"}
        return self.interact({"type": "block_actions", "user": {"id": user}, "container": box, "actions": [action]})

    def interact(self, payload: Json) -> Answer:
        return self.send(urlencode({"payload": json.dumps(payload)}).encode(), "application/x-www-form-urlencoded")

    def send(self, raw: bytes, kind: str, *, age: float = 0, secret: str = SECRET) -> Answer:
        stamp = str(int(time.time() - age))
        signature = SignatureVerifier(secret).generate_signature(timestamp=stamp, body=raw.decode()) or ""
        headers = {"content-type": kind, "x-slack-request-timestamp": stamp, "x-slack-signature": signature}
        if self.retries:
            headers |= {"x-slack-retry-num": str(self.retries), "x-slack-retry-reason": "http_timeout"}
        return self.platform.handle(headers, raw)


@contextmanager
def slack(
    clock: Clock | None = None,
    receive: Receive | None = None,
    choices: Choices | None = None,
    home: Home | None = None,
    bots: frozenset[str] = frozenset(),
) -> Iterator[Slack]:
    stub = Stub()
    with serving(stub.answer) as url:
        stub.url = url
        talk = Slack(stub, clock or StillClock(), choices, home, bots)
        talk.platform.start(receive or talk.received.put)
        yield talk
        talk.platform.stop()
