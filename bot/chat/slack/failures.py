"""What Slack answers when it will not → an error of ours. One table; whatever it does not know was refused."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from slack_sdk.errors import SlackApiError

from bot.core.errors import Invalid, NotAllowed, NotFound, QuarterdeckError, Unavailable

TOKEN = frozenset(
    {
        "account_inactive",
        "app_uninstalled",
        "ekm_access_denied",
        "invalid_auth",
        "not_allowed_token_type",
        "not_authed",
        "org_login_required",
        "team_access_not_granted",
        "token_expired",
        "token_revoked",
    }
)
AGAIN = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable", "team_added_to_org"})
LIMITED = frozenset({"rate_limited", "ratelimited", "message_limit_exceeded"})
ABSENT = frozenset({"channel_not_found", "not_in_channel", "user_not_in_channel"})
CLOSED = frozenset(
    {
        "ekm_access_denied_channel",
        "is_archived",
        "restricted_action",
        "restricted_action_read_only_channel",
        "restricted_action_thread_only_channel",
        "restricted_action_non_threadable_channel",
        "messages_tab_disabled",
    }
)
GONE = frozenset(
    {
        "bot_not_found",
        "cannot_reply_to_message",
        "cant_update_message",
        "edit_window_closed",
        "message_not_found",
        "thread_not_found",
        "user_not_found",
        "user_not_visible",
    }
)
REVOKED = "Slack does not accept the bot's token"
ASK_LATER = 30.0
_NAME = re.compile(r"[a-z][a-z0-9_]{0,60}")
_SCOPE = re.compile(r"[a-z][a-z0-9_.:]{0,60}")

Make = Callable[[str, "Answer"], QuarterdeckError]


class Answer:
    """What is worth knowing of a refusal, whichever shape the SDK gives it."""

    def __init__(self, error: SlackApiError) -> None:
        response = error.response
        data = getattr(response, "data", response)
        fields: Mapping[str, Any] = data if isinstance(data, dict) else {}
        headers = getattr(response, "headers", None) or fields.get("headers") or {}
        self.status = int(getattr(response, "status_code", 0) or fields.get("status") or 0)
        self.code = _name(fields.get("error")) or (f"http_{self.status}" if self.status else "unreadable_answer")
        self.needed = ", ".join(sorted(_scopes(fields.get("needed")) - _scopes(fields.get("provided"))))
        self.retry_after = _seconds({str(k).lower(): v for k, v in dict(headers).items()}.get("retry-after"))


def understood(error: SlackApiError, bot: str) -> QuarterdeckError:
    answer = Answer(error)
    if answer.status == 429:
        return _limited(bot, answer)
    if answer.status >= 500 or answer.code == "unreadable_answer":
        return _again(bot, answer)
    make = next((make for codes, make in TABLE if answer.code in codes), _refused)
    return make(bot, answer)


def unreachable(error: Exception) -> Unavailable:
    """Not the error's own words: an address may be in them."""
    return Unavailable("Slack does not answer.", fact=f"{type(error).__name__}.", hint="Try again in a minute.")


def invitation(bot: str) -> str:
    return f"/invite @{bot}"


def absent(bot: str, channel: str = "") -> str:
    """`channel` by its name, where that is known."""
    where = f"#{channel}" if channel else "this channel"
    return f"{bot} is not in {where}. Let it in: {invitation(bot)}"


def apart(bot: str) -> str:
    """Nobody is invited into what two people write to each other."""
    return f"{bot} has no part in what is written here."


def _limited(_bot: str, answer: Answer) -> Unavailable:
    return Unavailable("Slack takes no more just now.", fact="It will a little later.", retry_after=answer.retry_after)


def _again(_bot: str, answer: Answer) -> Unavailable:
    return Unavailable("Slack has trouble of its own.", fact=f"It said {answer.code}.", retry_after=None)


def _token(_bot: str, answer: Answer) -> Unavailable:
    return Unavailable(f"{REVOKED}: {answer.code}.", hint="Give it a valid one.", retry_after=ASK_LATER)


def _absent(bot: str, answer: Answer) -> NotAllowed:
    fact = f"Slack said {answer.code}."
    return NotAllowed(f"{bot} is not in that channel, or there is none.", fact=fact, hint=invitation(bot))


def _closed(_bot: str, answer: Answer) -> NotAllowed:
    return NotAllowed("Nobody may post in that channel.", fact=f"Slack said {answer.code}.", hint="Name another one.")


def _gone(_bot: str, answer: Answer) -> NotFound:
    return NotFound("That is no longer there in Slack.", fact=f"Slack said {answer.code}.")


def _scope(_bot: str, answer: Answer) -> Invalid:
    fact = f"It lacks the scope {answer.needed}." if answer.needed else "It lacks a scope."
    return Invalid("Slack did not let the bot do that.", fact=fact, hint="quarterdeck slack-manifest")


def _refused(_bot: str, answer: Answer) -> Invalid:
    return Invalid("Slack refused it.", fact=f"It said {answer.code}.", hint="It is in the log.")


TABLE: tuple[tuple[frozenset[str], Make], ...] = (
    (TOKEN, _token),
    (AGAIN, _again),
    (LIMITED, _limited),
    (ABSENT, _absent),
    (CLOSED, _closed),
    (GONE, _gone),
    (frozenset({"missing_scope", "no_permission"}), _scope),
)


def _name(code: object) -> str:
    return code if isinstance(code, str) and _NAME.fullmatch(code) else ""


def _scopes(said: object) -> set[str]:
    """By Slack's own names, as they stand in the manifest."""
    return {scope for scope in str(said or "").split(",") if _SCOPE.fullmatch(scope)}


def _seconds(text: object) -> float | None:
    try:
        return max(1.0, float(str(text))) if text is not None else None
    except ValueError:
        return None
