"""The app as it is described to Slack."""

from pathlib import Path

import pytest
import yaml

from bot.chat.slack import Mode, Slash, manifest
from bot.chat.slack.manifest import RESERVED
from bot.cli import slack_manifest
from commands import load

ORDERS = [Slash(command.name, command.usage, command.summary) for command in load().values()]

CONFIG = """
clusters: {game: {simulated: true}}
environments: {staging: {cluster: game, namespace: micro-staging}}
web: {public_url: "https://quarterdeck.example.com"}
chat:
  slack: {mode: http, bot_token: "${SLACK_BOT_TOKEN}", signing_secret: "${SLACK_SIGNING_SECRET}"}
"""


def names(mode: Mode = Mode.SOCKET) -> list[str]:
    return [command["command"] for command in manifest(ORDERS, mode, None)["features"]["slash_commands"]]


def test_every_order_has_a_slash_of_its_own_but_those_that_slack_keeps_for_itself() -> None:
    assert names()[0] == "/qd"
    assert set(names()) == {"/qd"} | {f"/{order.name}" for order in ORDERS if order.name not in RESERVED}
    assert {"/deploy", "/scale", "/rollback"} <= set(names())


@pytest.mark.parametrize("name", ["status", "help", "remind", "invite", "who", "topic", "search", "archive"])
def test_the_names_that_slack_refuses_are_known(name: str) -> None:
    assert name in RESERVED
    assert f"/{name}" not in names()


def test_it_hears_what_the_listeners_listen_to() -> None:
    made = manifest(ORDERS, Mode.SOCKET, None)
    assert made["settings"]["socket_mode_enabled"] is True
    assert made["settings"]["event_subscriptions"] == {"bot_events": ["app_home_opened", "app_mention", "message.im"]}
    assert made["features"]["app_home"]["home_tab_enabled"] is True
    assert "url" not in made["features"]["slash_commands"][0]


@pytest.mark.parametrize("kind", ["channels", "groups", "im", "mpim"])
def test_wherever_it_can_be_let_in_it_may_look_for_what_it_said(kind: str) -> None:
    scopes = manifest(ORDERS, Mode.SOCKET, None)["oauth_config"]["scopes"]["bot"]
    assert {f"{kind}:read", f"{kind}:history"} <= set(scopes)
    assert scopes == sorted(set(scopes))


def test_in_mode_http_everything_comes_to_one_address() -> None:
    made = manifest(ORDERS, Mode.HTTP, "https://quarterdeck.example.com/")
    url = "https://quarterdeck.example.com/slack/events"
    assert made["settings"]["socket_mode_enabled"] is False
    assert made["settings"]["interactivity"]["request_url"] == url
    assert made["settings"]["event_subscriptions"]["request_url"] == url
    assert {command["url"] for command in made["features"]["slash_commands"]} == {url}


def test_it_names_the_address_of_the_configuration(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "quarterdeck.yaml"
    config.write_text(CONFIG)
    with pytest.MonkeyPatch.context() as environ:
        environ.setenv("SLACK_BOT_TOKEN", "xoxb-1")
        environ.setenv("SLACK_SIGNING_SECRET", "5")
        slack_manifest(config)
    made = yaml.safe_load(capsys.readouterr().out)
    assert made["settings"]["interactivity"]["request_url"] == "https://quarterdeck.example.com/slack/events"


def test_slacks_limits_are_kept() -> None:
    many = [Slash(f"order-{number}", "x " + "y" * 5_000, "z" * 5_000) for number in range(80)]
    commands = manifest([*many, Slash("x" * 40, "x", "x")], Mode.SOCKET, None)["features"]["slash_commands"]
    assert len(commands) == 50
    assert all(len(c["command"]) <= 32 and len(c["description"]) <= 2_000 for c in commands)
    assert all(len(c.get("usage_hint", "")) <= 1_000 for c in commands)
