"""The calls of Slack's Web API that we make: each with a timeout, each failing with an error of ours.

Nothing is retried here. A post whose answer got lost may stand there, and only the outbox knows how to look; and who
was told to wait is told at once, since the thread that asks serves others too.
"""

import logging
from collections.abc import Callable
from http.client import HTTPException
from ssl import create_default_context
from typing import Any

from msgspec import Struct
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse

from bot.chat.learned import Learned
from bot.chat.slack.access import SlackAccess
from bot.chat.slack.blocks import Json, Rendered
from bot.chat.slack.budget import POST, UPDATE, Budget, Door, door
from bot.chat.slack.failures import REVOKED, understood, unreachable
from bot.core.clock import Clock
from bot.core.errors import Unavailable

UNHEARD = logging.getLogger(f"{__name__}.sdk")
"""What the SDK logs of a call that failed is what it raises, too."""
UNHEARD.setLevel(logging.CRITICAL)

TIMEOUT = 10
PAGE = 100
EVENT = "quarterdeck"
UNKNOWN_NAME = "quarterdeck"
PLAIN = {"parse": "none", "link_names": False}
UNFURL = {"unfurl_links": False, "unfurl_media": False}

Call = Callable[..., SlackResponse]


class Identity(Struct, frozen=True):
    """Who the bot is there: its name, its user and the id that its messages bear."""

    team: str
    name: str
    user: str
    bot: str


class Calls:
    def __init__(self, access: SlackAccess, clock: Clock) -> None:
        """The SDK by itself reads the machine's certificates at every call, which takes more than all else of it."""
        self.trust = create_default_context() if access.api_url.startswith("https:") else None
        self._client = WebClient(
            access.bot_token.reveal(), access.api_url, TIMEOUT, self.trust, retry_handlers=[], logger=UNHEARD
        )
        self._budget = Budget()
        self._learned = Learned[Identity, Door]("Slack", REVOKED, clock)

    @property
    def name(self) -> str:
        me = self._learned.me
        return me.name if me else UNKNOWN_NAME

    @property
    def trouble(self) -> str | None:
        return self._learned.trouble

    def identity(self) -> Identity:
        return self._learned.me or self.introduce()

    def introduce(self) -> Identity:
        """Asked whatever is known: whether the token is still taken."""
        answer = self._ask("auth.test", self._client.auth_test)
        return self._learned.met(
            Identity(*(str(answer.get(key, "")) for key in ("team_id", "user", "user_id", "bot_id")))
        )

    def spend(self, method: str, channel: str, *, final: bool) -> None:
        """Unavailable where Slack would refuse it as too much: for what can wait, which a private answer cannot."""
        left = self._budget.wait(door(method, channel), final=final)
        if left > 0:
            raise Unavailable("Slack takes only so many messages a minute.", retry_after=left)

    def post(self, channel: str, thread: str | None, key: str, said: Rendered) -> tuple[str, str]:
        """The channel's id and the message's."""
        metadata = {"event_type": EVENT, "event_payload": {"key": key}}
        answer = self._ask(
            POST,
            self._client.chat_postMessage,
            channel=channel,
            thread_ts=thread,
            metadata=metadata,
            **_content(said),
            **UNFURL,
        )
        return str(answer["channel"]), str(answer["ts"])

    def update(self, channel: str, message: str, key: str, said: Rendered) -> None:
        metadata = {"event_type": EVENT, "event_payload": {"key": key}}
        self._ask(UPDATE, self._client.chat_update, channel=channel, ts=message, metadata=metadata, **_content(said))

    def whisper(self, channel: str, user: str, thread: str | None, said: Rendered) -> None:
        self._ask(
            "chat.postEphemeral",
            self._client.chat_postEphemeral,
            channel=channel,
            user=user,
            thread_ts=thread,
            **_content(said),
        )

    def upload(self, channel: str, thread: str | None, name: str, title: str, content: str) -> None:
        self._ask(
            "files.upload",
            self._client.files_upload_v2,
            channel=channel,
            thread_ts=thread,
            filename=name,
            title=title,
            content=content,
        )

    def messages(self, channel: str, thread: str | None, cursor: str | None) -> tuple[list[Json], str | None]:
        """A page of a channel, newest first, or of a thread; and where the next one begins."""
        page = {"channel": channel, "limit": PAGE, "include_all_metadata": True, "cursor": cursor}
        if thread:
            answer = self._ask("conversations.replies", self._client.conversations_replies, ts=thread, **page)
        else:
            answer = self._ask("conversations.history", self._client.conversations_history, **page)
        following = (answer.get("response_metadata") or {}).get("next_cursor") or None
        return list(answer.get("messages") or ()), following if answer.get("has_more") else None

    def message(self, channel: str, message: str, thread: str | None) -> Json | None:
        """As it stands now."""
        one = {"channel": channel, "oldest": message, "latest": message, "inclusive": True, "limit": 1}
        if thread:
            answer = self._ask("conversations.replies", self._client.conversations_replies, ts=thread, **one)
        else:
            answer = self._ask("conversations.history", self._client.conversations_history, **one)
        return next((found for found in answer.get("messages") or () if found.get("ts") == message), None)

    def channel(self, channel: str) -> Json:
        return dict(self._ask("conversations.info", self._client.conversations_info, channel=channel)["channel"])

    def channels(self, cursor: str | None) -> tuple[list[Json], str | None]:
        page = {"types": "public_channel,private_channel", "exclude_archived": True, "limit": 1000, "cursor": cursor}
        answer = self._ask("conversations.list", self._client.conversations_list, **page)
        following = (answer.get("response_metadata") or {}).get("next_cursor") or None
        return list(answer.get("channels") or ()), following

    def user(self, user: str) -> Json:
        return dict(self._ask("users.info", self._client.users_info, user=user)["user"])

    def bot(self, bot: str) -> Json:
        return dict(self._ask("bots.info", self._client.bots_info, bot=bot)["bot"])

    def groups(self) -> list[Json]:
        return list(self._ask("usergroups.list", self._client.usergroups_list, include_users=True)["usergroups"])

    def open_view(self, trigger: str, view: Json) -> None:
        self._ask("views.open", self._client.views_open, trigger_id=trigger, view=view)

    def update_view(self, shown: str, view: Json) -> None:
        self._ask("views.update", self._client.views_update, view_id=shown, view=view)

    def publish(self, user: str, view: Json) -> None:
        self._ask("views.publish", self._client.views_publish, user_id=user, view=view)

    def direct(self, user: str) -> str:
        """The channel in which the bot is alone with somebody."""
        answer = self._ask("conversations.open", self._client.conversations_open, users=user)
        return str((answer.get("channel") or {}).get("id", ""))

    def _ask(self, method: str, call: Call, **arguments: Any) -> dict[str, Any]:
        with self._learned.through(door(method, str(arguments.get("channel", "")))):
            return self._answered(call, {name: value for name, value in arguments.items() if value is not None})

    def _answered(self, call: Call, arguments: dict[str, Any]) -> dict[str, Any]:
        try:
            answer = call(**arguments).data
        except SlackApiError as error:
            raise understood(error, self.name) from None
        except (OSError, SlackClientError, HTTPException, ValueError) as error:
            raise unreachable(error) from None
        if not isinstance(answer, dict):
            raise unreachable(TypeError())
        return answer


def _content(said: Rendered) -> dict[str, Any]:
    return {"text": said.text, "blocks": said.blocks, "attachments": said.attachments, **PLAIN}
