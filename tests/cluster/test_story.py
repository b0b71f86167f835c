"""The whole story, with nothing of ours pretending: Jenkins builds, an image is pushed to a real registry, which tells
of it; a Slack workspace reads of it, somebody presses Deploy, and a real control plane rolls it out.
"""

import base64
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from bot.store.sql import SqlStore
from tests.cluster.plane import Plane
from tests.contract.cluster_kit import Bench, Wanted
from tests.contract.kubernetes_kit import KubernetesKit
from tests.contract.webex_kit import WEBHOOK_SECRET
from tests.e2e.running import running
from tests.servers.process import free_ports, until
from tests.servers.registry import Registry
from tests.servers.require import or_skip
from tests.servers.slack import LocalSlack
from tests.servers.webex import WebexDouble, buttons
from tests.servers.webex_world import BOT_TOKEN, Message
from tests.servers.wire import ask

CHANNEL = "C01GENERAL"
PROOF = "Bearer told-between-two"
JENKINS_TOLD = Path(__file__).parents[1] / "payloads" / "builds" / "jenkins"
COMMIT = "3f2a91c4b7d05e8a6619f0c2d3e4b5a697887766"
JENKINS = {
    "Authorization": f"Basic {base64.b64encode(b'ci:told-by-jenkins').decode()}",
    "Content-Type": "application/json;charset=UTF-8",
}
TOLD = [
    "team/adderservice - #418 Success after 2 min 3 sec",
    "New image 3f2a91c of adder",
    "adder → 3f2a91c in staging · done",
]
LEADS = "adder 3f2a91c · build ✓ · image ✓ · staging ✓"
CONFIG = """
store: "sqlite:///{folder}/run.db"
web: {{port: {port}, public_url: "http://127.0.0.1:{port}"}}
chat:
  slack: {{mode: socket, bot_token: xoxb-test-token, app_token: xapp-test-token, api_url: "{slack}"}}
  webex: {{token: {token}, webhook_secret: {secret}, api_url: "{webex}"}}
clusters: {{main: {{kubeconfig: "{kubeconfig}"}}}}
environments:
  staging: {{cluster: main, namespace: {namespace}, settle: 1s}}
registries:
  "{host}": {{plain_http: true}}
pushes:
  house: {{kind: distribution, registry: "{host}", secret: told-between-two}}
builds:
  jenkins: {{username: ci, password: told-by-jenkins}}
services:
  adder:
    builds: [team/adderservice]
    repository: {host}/team/adder
    channel: {{slack: C01GENERAL, webex: {room}}}
    watch: {{tags: sha, every: 1h}}
roles: {{everything: {{verbs: ["*"], people: [ann@example.test]}}}}
"""


class Story:
    def __init__(self, stack: ExitStack, real: Plane, kit: KubernetesKit, folder: Path) -> None:
        port = free_ports(1)[0]
        self.hooks = f"http://127.0.0.1:{port}/hooks"
        self.slack = stack.enter_context(LocalSlack())
        self.webex = stack.enter_context(WebexDouble())
        self.room = self.webex.room(self.webex.person("Ann", "ann@example.test"))
        self.registry = stack.enter_context(Registry(tells=(f"{self.hooks}/registry/house", PROOF)))
        self.repository = f"{self.registry.host}/team/adder"
        self.kit = kit
        self.push("aaaaaa1")
        Bench(kit).running(Wanted(image=f"{self.repository}:aaaaaa1", replicas=2))
        config = folder / "run.yaml"
        chats = {"slack": self.slack.api_url, "webex": self.webex.api_url, "room": self.room.id}
        secrets = {"token": BOT_TOKEN, "secret": WEBHOOK_SECRET}
        places = {"host": self.registry.host, "kubeconfig": real.access.kubeconfig, "namespace": kit.namespace}
        config.write_text(CONFIG.format(folder=folder, port=port, **chats, **secrets, **places))
        stack.enter_context(running(config, port))
        self.store = SqlStore(f"sqlite:///{folder}/run.db")
        stack.callback(self.store.close)
        until(lambda: self.store.tags_seen(self.repository) is not None, "the first look")

    def built(self, *phases: str) -> None:
        """As Jenkins told it, word for word."""
        for phase in phases:
            body = (JENKINS_TOLD / f"{phase}.json").read_bytes()
            assert ask(f"{self.hooks}/builds/jenkins", "POST", body, JENKINS).status == 202

    def push(self, tag: str, platform: str = "linux/amd64", revision: str = "") -> str:
        labels = {"org.opencontainers.image.revision": revision or f"{tag}c0ffee"}
        return self.registry.push("team/adder", tag, labels=labels, platform=platform)

    def says(self, text: str) -> dict[str, Any]:
        """The one message in the channel that has it."""
        until(lambda: bool(self._found(text)), f"{text} in Slack")
        (only,) = self._found(text)
        return only

    def press(self, message: dict[str, Any], label: str) -> None:
        actions = [a for block in message["blocks"] if block["type"] == "actions" for a in block["elements"]]
        pressed = next(action for action in actions if action["text"]["text"] == label)
        where = {"channel": CHANNEL, "messageTs": message["ts"], "user": "U01ANN"}
        self.slack.control("interact", {**where, "action": pressed})

    def in_webex(self) -> list[Message]:
        return [m for m in self.webex.messages(self.room) if not buttons(m)]

    def _found(self, text: str) -> list[dict[str, Any]]:
        found = self.slack.control(f"messages/{CHANNEL}")["messages"]
        return [message for message in found if text in str(message)]


@pytest.fixture
def story(real: Plane, kit: KubernetesKit, tmp_path: Path) -> Iterator[Story]:
    with ExitStack() as stack:
        with or_skip():
            made = Story(stack, real, kit, tmp_path)
        yield made


def test_pushed_announced_deployed(story: Story, nodes: Plane) -> None:
    """First for other processors than the nodes have, then for theirs."""
    story.push("abababa", platform="linux/arm64")
    story.press(story.says("New image abababa of adder"), "Deploy to staging")
    story.says("adder abababa cannot run in staging: it is made for linux/arm64.")
    digest = story.push("bbbbbb2")
    announced = story.says("New image bbbbbb2 of adder")
    assert digest[:14] in str(announced)
    story.press(announced, "Deploy to staging")
    story.says("adder → bbbbbb2 in staging · done")
    assert story.kit.peek("adder").images["app"] == f"{story.repository}:bbbbbb2@{digest}"
    assert len(story._found("New image bbbbbb2 of adder")) == 1


def test_built_pushed_deployed_in_one_thread(story: Story) -> None:
    """In each chat four messages, one of which leads: what Jenkins says twice, or while it builds, adds none."""
    story.built("queued", "started")
    story.says("#418 Started by changes")
    story.built("completed", "finalized")
    story.says("adder 3f2a91c · build ✓")
    story.push(COMMIT[:7], revision=COMMIT)
    story.press(story.says("New image 3f2a91c of adder"), "Deploy to staging")
    parent = story.says(LEADS)
    story.says(TOLD[-1])
    first, *thread = story._found("")
    assert (first["ts"], [message["thread_ts"] for message in thread]) == (parent["ts"], [parent["ts"]] * 3)
    assert [told in message["text"] for told, message in zip(TOLD, thread, strict=True)] == [True] * 3
    until(lambda: LEADS in _text(story.in_webex()[0]) and TOLD[-1] in _text(story.in_webex()[-1]), "in Webex too")
    leads, *under = story.in_webex()
    assert [message.parent for message in under] == [leads.id] * 3
    assert [told in _text(message) for told, message in zip(TOLD, under, strict=True)] == [True] * 3


def _text(message: Message) -> str:
    return str(message.content["text"])
