"""The whole story, with nothing of ours pretending: an image is pushed to a real registry, which tells of it; a Slack
workspace reads of it, somebody presses Deploy, and a real control plane rolls it out.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from bot.store.sql import SqlStore
from tests.cluster.plane import Plane
from tests.contract.cluster_kit import Bench, Wanted
from tests.contract.kubernetes_kit import KubernetesKit
from tests.e2e.running import running
from tests.servers.process import free_ports, until
from tests.servers.registry import Registry
from tests.servers.require import or_skip
from tests.servers.slack import LocalSlack

CHANNEL = "C01GENERAL"
PROOF = "Bearer told-between-two"
CONFIG = """
store: "sqlite:///{folder}/run.db"
web: {{port: {port}}}
chat:
  slack: {{mode: socket, bot_token: xoxb-test-token, app_token: xapp-test-token, api_url: "{api}"}}
clusters: {{main: {{kubeconfig: "{kubeconfig}"}}}}
environments:
  staging: {{cluster: main, namespace: {namespace}, settle: 1s}}
registries:
  "{host}": {{plain_http: true}}
pushes:
  house: {{kind: distribution, registry: "{host}", secret: told-between-two}}
services:
  adder:
    repository: {host}/team/adder
    channel: {{slack: C01GENERAL}}
    watch: {{tags: sha, every: 1h}}
roles: {{everything: {{verbs: ["*"], people: [ann@example.test]}}}}
"""


class Story:
    def __init__(self, stack: ExitStack, real: Plane, kit: KubernetesKit, folder: Path) -> None:
        port = free_ports(1)[0]
        hook = f"http://127.0.0.1:{port}/hooks/registry/house"
        self.slack = stack.enter_context(LocalSlack())
        self.registry = stack.enter_context(Registry(tells=(hook, PROOF)))
        self.repository = f"{self.registry.host}/team/adder"
        self.kit = kit
        self.push("aaaaaa1")
        Bench(kit).running(Wanted(image=f"{self.repository}:aaaaaa1", replicas=2))
        config = folder / "run.yaml"
        places = {"host": self.registry.host, "api": self.slack.api_url, "kubeconfig": real.access.kubeconfig}
        config.write_text(CONFIG.format(folder=folder, port=port, namespace=kit.namespace, **places))
        stack.enter_context(running(config, port))
        self.store = SqlStore(f"sqlite:///{folder}/run.db")
        stack.callback(self.store.close)
        until(lambda: self.store.tags_seen(self.repository) is not None, "the first look", 20)

    def push(self, tag: str, platform: str = "linux/amd64") -> str:
        labels = {"org.opencontainers.image.revision": f"{tag}c0ffee"}
        return self.registry.push("team/adder", tag, labels=labels, platform=platform)

    def says(self, text: str) -> dict[str, Any]:
        """The one message in the channel that has it."""
        until(lambda: bool(self._found(text)), f"{text} in Slack", 40)
        (only,) = self._found(text)
        return only

    def press(self, message: dict[str, Any], label: str) -> None:
        actions = [a for block in message["blocks"] if block["type"] == "actions" for a in block["elements"]]
        pressed = next(action for action in actions if action["text"]["text"] == label)
        where = {"channel": CHANNEL, "messageTs": message["ts"], "user": "U01ANN"}
        self.slack.control("interact", {**where, "action": pressed})

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
