"""`quarterdeck run` itself, with a Slack workspace and nothing in between: as a team has it."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.running import running
from tests.servers.process import free_ports, until
from tests.servers.require import or_skip
from tests.servers.slack import LocalSlack

CONFIG = """
store: "sqlite:///{folder}/run.db"
web: {{port: {port}}}
chat:
  slack: {{mode: socket, bot_token: xoxb-test-token, app_token: xapp-test-token, api_url: "{api}"}}
clusters: {{play: {{simulated: true}}}}
environments:
  staging: {{cluster: play, namespace: micro-staging, settle: 1s}}
services:
  adderservice: {{repository: "registry.local:5000/adderservice", channel: {{slack: C01GENERAL}}}}
roles: {{everything: {{verbs: ["*"], people: [ann@example.test]}}}}
"""
CHANNEL = "C01GENERAL"


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with or_skip(), LocalSlack() as slack:
        yield slack


def says(slack: LocalSlack, text: str) -> list[dict[str, Any]]:
    found = slack.control(f"messages/{CHANNEL}")["messages"]
    return [m for m in found if text in str(m)]


def test_an_order_from_slack_survives_a_restart_of_the_process(slack: LocalSlack, tmp_path: Path) -> None:
    """The simulated cluster dies with the process, so what is asked for after the restart is the memory of the bot."""
    port = free_ports(1)[0]
    config = tmp_path / "run.yaml"
    config.write_text(CONFIG.format(folder=tmp_path, port=port, api=slack.api_url))
    order = {"channel": CHANNEL, "user": "U01ANN", "command": "/deploy", "text": "adderservice 9ab01de to staging"}
    with running(config, port):
        slack.control("command", order | {"appId": "A01APP"})
        until(lambda: bool(says(slack, "adderservice → 9ab01de in staging · done")), "the verdict in Slack")
        assert len(says(slack, "adderservice → 9ab01de in staging")) == 1
    with running(config, port):
        slack.control("command", order | {"command": "/qd", "text": "audit adderservice", "appId": "A01APP"})
        until(lambda: bool(says(slack, "The last order on adderservice")), "the audit in Slack")


def test_another_configuration_is_taken_over_or_refused_and_the_admin_channel_hears_of_it(
    slack: LocalSlack, tmp_path: Path
) -> None:
    port = free_ports(1)[0]
    config = tmp_path / "run.yaml"
    text = CONFIG.format(folder=tmp_path, port=port, api=slack.api_url)
    text = text.replace("chat:\n", f"chat:\n  admin: {{slack: {CHANNEL}}}\n")
    config.write_text(text)
    order = {"channel": CHANNEL, "user": "U01ANN", "command": "/restart", "text": "adderservice in staging"}
    with running(config, port) as process:
        config.write_text(text.replace("ann@example.test", "bob@example.test"))
        until(lambda: bool(says(slack, "run.yaml is in force: roles: everything changed")), "the change")
        slack.control("command", order | {"appId": "A01APP"})
        until(lambda: bool(says(slack, "You may not restart adderservice in staging.")), "the refusal")
        config.write_text("nothing: of use\n")
        process.send_signal(signal.SIGHUP)
        until(lambda: bool(says(slack, "run.yaml is refused: what stood before it stays")), "the bad one")
        config.write_text(text)
        until(lambda: bool(says(slack, "run.yaml is in force: roles: everything changed")[1:]), "the good one")
        slack.control("command", order | {"appId": "A01APP"})
        until(lambda: bool(says(slack, "adderservice restart in staging")), "the order")


def test_a_stranger_is_refused_and_nothing_stands_in_the_channel(slack: LocalSlack, tmp_path: Path) -> None:
    port = free_ports(1)[0]
    config = tmp_path / "run.yaml"
    text = CONFIG.format(folder=tmp_path, port=port, api=slack.api_url).replace("ann@example.test", "bob@example.test")
    config.write_text(text)
    with running(config, port):
        order = {"channel": CHANNEL, "user": "U01ANN", "command": "/scale", "text": "adderservice 9 in staging"}
        slack.control("command", order | {"appId": "A01APP"})
        until(lambda: bool(says(slack, "You may not scale adderservice in staging.")), "the refusal")
        assert says(slack, "9 replicas") == []


def test_a_role_counts_in_the_channel_of_its_name_and_nowhere_while_nobody_knows_it(
    slack: LocalSlack, tmp_path: Path
) -> None:
    port = free_ports(1)[0]
    config = tmp_path / "run.yaml"
    text = CONFIG.format(folder=tmp_path, port=port, api=slack.api_url)
    text = text.replace('["*"], people', '["*"], channels: ["#general"], people')
    config.write_text(text)
    restart = {"channel": CHANNEL, "user": "U01ANN", "command": "/restart", "text": "adderservice in staging"}
    with running(config, port):
        until(lambda: "'#general': 'C01GENERAL'" in config.with_suffix(".log").read_text(), "the name")
        slack.control("command", restart | {"appId": "A01APP"})
        until(lambda: bool(says(slack, "adderservice restart in staging")), "the order")
        config.write_text(text.replace("#general", "#no-such"))
        until(lambda: "slack channel #no-such of role everything" in config.with_suffix(".log").read_text(), "why")
        slack.control("command", restart | {"text": "adderservice in staging --dry-run", "appId": "A01APP"})
        until(lambda: bool(says(slack, "No chat knows a channel #no-such.")), "the refusal")
        slack.control("command", restart | {"command": "/qd", "text": "whoami", "appId": "A01APP"})
        until(lambda: bool(says(slack, "everything (no chat knows a channel #no-such)")), "who that is")


def test_a_channel_it_is_not_in_is_told_at_the_start_and_by_the_check(slack: LocalSlack, tmp_path: Path) -> None:
    port = free_ports(1)[0]
    config = tmp_path / "run.yaml"
    text = CONFIG.format(folder=tmp_path, port=port, api=slack.api_url).replace("slack: C01GENERAL", "slack: C0NOWHERE")
    config.write_text(text)
    wanted = "bot is not in this channel. Let it in: /invite @bot"
    with running(config, port):
        until(lambda: wanted in config.with_suffix(".log").read_text(), "the warning")
    command = [sys.executable, "-m", "bot", "check", "--config", str(config), "--live"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)
    assert done.returncode == 1
    assert "The bot cannot speak in 1 channel of the configuration" in done.stdout
    assert wanted in done.stdout
