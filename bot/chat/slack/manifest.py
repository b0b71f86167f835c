"""The app as Slack wants it described: what it may do, what it hears, which orders have a slash of their own."""

from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from bot.chat.slack.access import Mode
from bot.chat.slack.heard import UMBRELLA

NAME = "quarterdeck"
DESCRIPTION = "Deploys, scales and rolls back Kubernetes services, and says what they do"
SCOPES = (
    "app_mentions:read",
    "channels:history",
    "channels:read",
    "chat:write",
    "commands",
    "files:write",
    "groups:history",
    "groups:read",
    "im:history",
    "im:read",
    "im:write",
    "mpim:history",
    "mpim:read",
    "usergroups:read",
    "users:read",
    "users:read.email",
)
EVENTS = ("app_home_opened", "app_mention", "message.im")
PATH = "/slack/events"
DESCRIPTION_LENGTH, HINT_LENGTH, COMMAND_LENGTH, MOST_COMMANDS = 2_000, 1_000, 32, 50

RESERVED = frozenset(
    {
        "active",
        "apps",
        "archive",
        "away",
        "call",
        "canvas",
        "collapse",
        "dm",
        "dnd",
        "expand",
        "feed",
        "feedback",
        "help",
        "huddle",
        "invite",
        "invite_people",
        "join",
        "keys",
        "kick",
        "leave",
        "list",
        "me",
        "msg",
        "mute",
        "open",
        "prefs",
        "profile",
        "remind",
        "remove",
        "rename",
        "search",
        "section",
        "shortcuts",
        "shrug",
        "star",
        "status",
        "todo",
        "topic",
        "unarchive",
        "unmute",
        "who",
        "workflow",
    }
)
"""Slack's own: an app that claims one of them is refused, so these go by the umbrella."""


class Slash(Struct, frozen=True):
    """One order, with its usage line and what it does."""

    name: str
    usage: str
    summary: str


def manifest(orders: Iterable[Slash], mode: Mode, public_url: str | None) -> dict[str, Any]:
    """`public_url` is where Slack reaches us in mode http."""
    url = f"{public_url.rstrip('/')}{PATH}" if public_url and mode is Mode.HTTP else None
    return {
        "display_information": {"name": NAME, "description": DESCRIPTION},
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": NAME, "always_online": True},
            "slash_commands": [_command(order, url) for order in slashes(orders)],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {"bot_events": list(EVENTS), **_at(url)},
            "interactivity": {"is_enabled": True, **_at(url)},
            "org_deploy_enabled": False,
            "socket_mode_enabled": mode is Mode.SOCKET,
            "token_rotation_enabled": False,
        },
    }


def slashes(orders: Iterable[Slash]) -> list[Slash]:
    """The umbrella, and every order whose name is free."""
    umbrella = Slash(UMBRELLA.removeprefix("/"), "qd <order>", "any order: /qd help shows them")
    own = [order for order in orders if order.name not in RESERVED and len(order.name) < COMMAND_LENGTH]
    return [umbrella, *own][:MOST_COMMANDS]


def _command(order: Slash, url: str | None) -> dict[str, Any]:
    hint = order.usage.partition(" ")[2]
    return {
        "command": f"/{order.name}",
        "description": order.summary[:DESCRIPTION_LENGTH],
        **({"usage_hint": hint[:HINT_LENGTH]} if hint else {}),
        **({"url": url} if url else {}),
        "should_escape": True,
    }


def _at(url: str | None) -> dict[str, str]:
    return {"request_url": url} if url else {}
