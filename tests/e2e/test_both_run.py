"""`quarterdeck run` with Slack and Webex at once: one order, one audit, a live message in each."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.contract.webex_kit import WEBHOOK_SECRET
from tests.e2e.running import running
from tests.servers.control_plane import ControlPlane
from tests.servers.play import furnish
from tests.servers.process import free_ports, until
from tests.servers.registry import Registry
from tests.servers.require import or_skip
from tests.servers.slack import LocalSlack
from tests.servers.webex import WebexDouble, buttons
from tests.servers.webex_faults import Fault
from tests.servers.webex_world import BOT_TOKEN, Message, Person, Room
from tests.servers.wire import ask

CHATS = """
store: "sqlite:///{folder}/run.db"
web: {{port: {port}, public_url: "http://127.0.0.1:{port}"}}
chat:
  slack: {{mode: socket, bot_token: xoxb-test-token, app_token: xapp-test-token, api_url: "{slack}"}}
  webex: {{token: {token}, webhook_secret: {secret}, api_url: "{webex}"}}
roles: {{everything: {{verbs: ["*"], people: [ann@example.test]}}}}
services:
  adderservice: {{repository: "{host}/adderservice", channel: {{slack: {channel}, webex: {room}}}}}
"""
SIMULATED = """
clusters: {play: {simulated: true}}
environments: {staging: {cluster: play, namespace: micro-staging, settle: 1s}}
"""
REAL = """
clusters: {{main: {{kubeconfig: {kubeconfig}}}}}
environments: {{staging: {{cluster: main, namespace: micro-staging, settle: 20s}}}}
registries: {{"{host}": {{plain_http: true}}}}
"""
GUARDED = """
clusters: {play: {simulated: true}}
environments:
  staging: {cluster: play, namespace: micro-staging, settle: 1s, confirm: true, approvals: {role: releasers}}
"""
RELEASERS = "roles:\n  releasers: {verbs: [approve], people: [lead@example.test]}\n  everything:"
CHANNEL = "C01GENERAL"
SAID = {"channel": CHANNEL, "user": "U01ANN", "appId": "A01APP"}


@dataclass
class Chats:
    slack: LocalSlack
    webex: WebexDouble
    ann: Person
    room: Room
    port: int

    def config(self, folder: Path, cluster: str, host: str = "registry.local:5000") -> Path:
        path = folder / "run.yaml"
        where = {"slack": self.slack.api_url, "webex": self.webex.api_url, "channel": CHANNEL, "room": self.room.id}
        words = {"folder": folder, "port": self.port, "token": BOT_TOKEN, "secret": WEBHOOK_SECRET, "host": host}
        path.write_text(CHATS.format(**where, **words) + cluster)
        return path

    def in_slack(self, *words: str) -> list[dict[str, Any]]:
        """The messages of the channel that hold all of these."""
        found = self.slack.control(f"messages/{CHANNEL}")["messages"]
        return [m for m in found if all(word in str(m) for word in words)]

    def in_webex(self, *words: str) -> list[Message]:
        said = [m for m in self.webex.messages(self.room) if m.person is self.webex.world.bot and not buttons(m)]
        return [m for m in said if all(word in str(m.content.get("text")) for word in words)]

    def on_both(self, *words: str) -> Callable[[], bool]:
        return lambda: bool(self.in_slack(*words) and self.in_webex(*words))

    def ready(self) -> tuple[int, str]:
        answer = ask(f"http://127.0.0.1:{self.port}/readyz")
        return answer.status, answer.body.decode()


@pytest.fixture
def chats() -> Iterator[Chats]:
    with ExitStack() as stack:
        with or_skip():
            slack = stack.enter_context(LocalSlack())
        webex = stack.enter_context(WebexDouble())
        ann = webex.person("Ann", "ann@example.test")
        yield Chats(slack, webex, ann, webex.room(ann), free_ports(1)[0])


@pytest.mark.timeout(240)
def test_one_live_message_each_across_a_restart_and_one_audit(chats: Chats, tmp_path: Path) -> None:
    """On a real Kubernetes, which goes on while the bot is away."""
    with or_skip(), ControlPlane() as cluster, Registry() as registry:
        furnish(cluster, registry, tmp_path)
        real = REAL.format(kubeconfig=cluster.kubeconfig, host=registry.host)
        config = chats.config(tmp_path, real, registry.host)
        title = "adderservice → 3f2a91c in staging"
        with running(config, chats.port):
            chats.webex.say(chats.room, chats.ann, "deploy adderservice 3f2a91c to staging")
            until(chats.on_both(title, "watching for 20 s"), "rolled out, in both")
        with running(config, chats.port):
            until(chats.on_both(f"{title} · done"), "the verdict in both")
            slack, webex = chats.in_slack(title), chats.in_webex(title)
            assert (len(slack), len(webex)) == (1, 1)
            assert webex[0].edits <= 10
            chats.slack.control("command", SAID | {"command": "/qd", "text": "restart adderservice in staging"})
            until(chats.on_both("adderservice restart in staging"), "the restart that Slack asked for, in both")
            chats.webex.say(chats.room, chats.ann, "audit adderservice")
            until(lambda: bool(chats.in_webex("The last 2 orders on adderservice")), "the audit")
            audit = chats.in_webex("The last 2 orders on adderservice")[0].content["text"]
            assert "deploy adderservice 3f2a91c" in audit
            assert "restart adderservice" in audit


def test_a_token_that_fails_in_webex_leaves_slack_going(chats: Chats, tmp_path: Path) -> None:
    """What Webex missed is said there as soon as it takes the token again."""
    order = SAID | {"command": "/deploy", "text": "adderservice 9ab01de to staging"}
    done = "adderservice → 9ab01de in staging · done"
    with running(chats.config(tmp_path, SIMULATED), chats.port):
        chats.webex.inject(*(Fault(method, "", 401, times=1_000) for method in ("GET", "POST", "PUT", "DELETE")))
        chats.slack.control("command", order)
        until(lambda: bool(chats.in_slack(done)), "the verdict in Slack")
        status, words = chats.ready()
        assert (status, words) == (503, "webex: Webex does not accept the bot's token.\n")
        assert chats.in_webex(done) == []
        chats.webex.faults.clear()
        until(lambda: bool(chats.in_webex(done)), "the verdict in Webex")
        until(lambda: chats.ready() == (200, "ready\n"), "readiness again")
        assert len(chats.in_webex("9ab01de in staging")) == 1


def test_a_slack_that_is_away_leaves_webex_going(chats: Chats, tmp_path: Path) -> None:
    done = "adderservice → 9ab01de in staging · done"
    with running(chats.config(tmp_path, SIMULATED), chats.port):
        chats.slack._stack.close()
        chats.webex.say(chats.room, chats.ann, "deploy adderservice 9ab01de to staging")
        until(lambda: bool(chats.in_webex(done)), "the verdict in Webex")
        until(lambda: chats.ready()[1].startswith("slack: "), "readiness names Slack")
        assert "webex" not in chats.ready()[1]


def test_what_is_ordered_and_confirmed_in_slack_is_approved_in_webex(chats: Chats, tmp_path: Path) -> None:
    lead = chats.webex.person("Lead", "lead@example.test")
    room = chats.webex.room(lead, title="Releases")
    config = chats.config(tmp_path, GUARDED)
    config.write_text(
        config.read_text()
        .replace("roles: {everything:", RELEASERS)
        .replace("people: [ann@example.test]}}", "people: [ann@example.test]}")
    )
    title = "adderservice → 9ab01de in staging"
    with running(config, chats.port):
        chats.slack.control("command", SAID | {"command": "/deploy", "text": "adderservice 9ab01de to staging"})
        until(lambda: bool(chats.in_slack(f"{title} · confirm?")), "the question")
        chats.slack.control("command", SAID | {"command": "/qd", "text": "confirm 1"})
        until(lambda: bool(chats.in_slack(f"{title} · waits for approval, 0 of 1")), "the second question")
        chats.webex.say(room, lead, "approvals")
        chats.webex.say(room, lead, "approve 1")
        until(chats.on_both(f"{title} · done"), "the verdict in both")
        assert "Approved by @" in chats.in_webex(f"{title} · done")[0].content["text"]
        assert len(chats.in_slack(title, "ordered by")) == 1
