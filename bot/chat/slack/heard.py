"""Slack's payloads → what was said to us, or nothing where it was not."""

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from bot.chat.slack.blocks import ACTION
from bot.chat.slack.undo import after_mention

UMBRELLA = "/qd"
SAID = frozenset({None, "thread_broadcast", "file_share"})
EDITED = "message_changed"
BY_BOT = "bot_message"

Payload = dict[str, Any]


class Heard(Struct, frozen=True):
    """`id` is the same however often and by whichever event it is delivered.

    `text` is still as Slack wrote it. `answer_url` and `trigger` are what came with it to answer by, for some minutes;
    `pressed` is the message and the command of a button, `button` that one as it stood. Without a channel it came from
    the person's own page. `edited` is what somebody made of a message later on. `robot` is the message in which another
    bot says it, by whose id `user` then is.
    """

    id: str
    user: str
    channel: str
    text: str
    at: datetime | None = None
    thread: str | None = None
    slash: bool = False
    answer_url: str | None = None
    trigger: str | None = None
    pressed: tuple[str, str] | None = None
    button: str | None = None
    edited: bool = False
    robot: str | None = None


def mention(payload: Payload) -> Heard | None:
    """Slack sends it anew when its text is edited, by the same ts."""
    event = _event(payload)
    text = after_mention(_text(event), _bot(payload))
    return _message(event, text) if _by_person(event) else _by_robot(payload, event, text)


def direct(payload: Payload) -> Heard | None:
    """Only where the bot is spoken to alone: what is said in a channel is not meant for it."""
    event = _changed(_event(payload))
    if event.get("channel_type") != "im" or not _by_person(event) or event.get("user") == _bot(payload):
        return None
    return _message(event, after_mention(_text(event), _bot(payload)))


def slash(payload: Payload) -> Heard | None:
    command, text = str(payload.get("command", "")), _text(payload)
    spoken = text if command == UMBRELLA else f"{command.removeprefix('/')} {text}"
    needed = [payload.get(key) for key in ("trigger_id", "user_id", "channel_id")]
    if not all(isinstance(value, str) and value for value in needed):
        return None
    trigger, user, channel = map(str, needed)
    return Heard(
        trigger,
        user,
        channel,
        spoken.strip() or "help",
        slash=True,
        answer_url=payload.get("response_url"),
        trigger=trigger,
    )


def press(payload: Payload) -> Heard | None:
    """A button of ours, wherever it stands."""
    action: Payload = next(iter(payload.get("actions") or ()), {})
    box = payload.get("container") or {}
    own = box.get("type") == "view"
    channel, message = ("", box.get("view_id")) if own else (str(box.get("channel_id") or ""), box.get("message_ts"))
    user, command = (payload.get("user") or {}).get("id"), action.get("value")
    if not (
        (channel or own) and message and user and command and str(action.get("action_id")).startswith(f"{ACTION}:")
    ):
        return None
    moment = action.get("action_ts") or payload.get("trigger_id")
    return Heard(
        f"{channel}:{message}:{action['action_id']}:{moment}",
        user,
        channel,
        command,
        thread=box.get("thread_ts") or (payload.get("message") or {}).get("thread_ts"),
        answer_url=payload.get("response_url"),
        pressed=(message, command),
        button=None if own else f"{channel}:{message}:{command}:{_state(payload)}",
    )


def home(payload: Payload) -> str | None:
    """Who opened the bot's page; its other tab is the direct messages."""
    event = _event(payload)
    return str(event["user"]) if event.get("tab") == "home" and event.get("user") else None


def kind(payload: Payload) -> str:
    """What a payload calls itself, for the log."""
    names = (payload.get("type"), _event(payload).get("type"), payload.get("command"))
    return " ".join(str(name)[:60] for name in names if name).encode("unicode_escape").decode() or "nameless"


def _message(event: Payload, text: str) -> Heard | None:
    user, channel, ts = (event.get(key) for key in ("user", "channel", "ts"))
    if not (user and channel and ts):
        return None
    edited = (event.get("edited") or {}).get("ts")
    said = f"{channel}:{ts}:{edited}" if edited else f"{channel}:{ts}"
    at, thread = _moment(ts), event.get("thread_ts")
    return Heard(said, user, channel, text.strip() or "help", at, thread, edited=bool(edited))


def _changed(event: Payload) -> Payload:
    """What an edited message says now. Slack changes messages too, to show a link: then the text is what it was."""
    now, before = (event.get(key) or {} for key in ("message", "previous_message"))
    if event.get("subtype") != EDITED or not now.get("edited") or _text(now) == _text(before):
        return event
    return {**now, "channel": event.get("channel"), "channel_type": event.get("channel_type")}


def _by_person(event: Payload) -> bool:
    return not event.get("bot_id") and not event.get("bot_profile") and event.get("subtype") in SAID


def _by_robot(payload: Payload, event: Payload, text: str) -> Heard | None:
    """A person may speak through an app: then it is the app's word all the same. Bots edit what they say on and on."""
    bot, apps = event.get("bot_id"), (event.get("app_id"), (event.get("bot_profile") or {}).get("app_id"))
    own = event.get("user") == _bot(payload) or payload.get("api_app_id") in {app for app in apps if app}
    if own or not bot or event.get("edited") or event.get("subtype") not in SAID | {BY_BOT}:
        return None
    found = _message({**event, "user": str(bot)}, text)
    return replace(found, robot=str(event["ts"])) if found else None


def _event(payload: Payload) -> Payload:
    event = payload.get("event")
    return event if isinstance(event, dict) else {}


def _text(fields: Payload) -> str:
    return str(fields.get("text") or "")


def _bot(payload: Payload) -> str:
    """Slack tells with each event as whom it delivers it."""
    first: Payload = next(iter(payload.get("authorizations") or ()), {})
    return str(first.get("user_id") or "")


def _state(payload: Payload) -> str:
    """What the message says is edited, and the same button may stand in it again."""
    blocks = (payload.get("message") or {}).get("blocks")
    return sha256(json.dumps(blocks, sort_keys=True).encode()).hexdigest()[:16]


def _moment(ts: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(ts), UTC)
    except (ValueError, OverflowError, OSError):
        return None
