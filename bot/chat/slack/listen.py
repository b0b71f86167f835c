"""Bolt: it checks signatures and knows Slack's protocol; each listener acknowledges, leaves what it heard, returns."""

import logging
import re
from collections.abc import Callable
from threading import Lock
from typing import Any

from slack_bolt import Ack, App, BoltRequest, BoltResponse
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.error import BoltUnhandledRequestError
from slack_sdk import WebClient

from bot.chat.slack import form
from bot.chat.slack import heard as hear
from bot.chat.slack.access import SlackAccess
from bot.chat.slack.desk import Desk
from bot.chat.slack.heard import Heard, Payload
from bot.chat.slack.home import HomeTab
from bot.core.errors import Busy

log = logging.getLogger(__name__)
KINDS_REMEMBERED = 200

Take = Callable[[Heard], None]
Choose = Callable[[Payload], None]
Understand = Callable[[Payload], Heard | None]


class Ignored:
    """Each kind of payload that we do not know is in the log once."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kinds: set[str] = set()

    def note(self, payload: Payload) -> None:
        kind = hear.kind(payload)
        with self._lock:
            if kind in self._kinds or len(self._kinds) >= KINDS_REMEMBERED:
                return
            self._kinds.add(kind)
        log.info("Slack sends something that is not for us: %s", kind)


class Sturdy(App):
    """Bolt breaks on payloads that lack what it looks for; unanswered, Slack would send them again and again."""

    def __init__(self, ignored: Ignored, **options: Any) -> None:
        super().__init__(**options)
        self._ignored = ignored

    def dispatch(self, req: BoltRequest) -> BoltResponse:
        try:
            return super().dispatch(req)
        except (LookupError, TypeError, ValueError, AttributeError):
            self._ignored.note(req.body)
            return BoltResponse(status=200, body="")


def make_app(access: SlackAccess, take: Take, choose: Choose, desk: Desk, tab: HomeTab) -> App:
    ignored = Ignored()
    app = Sturdy(
        ignored,
        name="quarterdeck",
        logger=logging.getLogger("bot.chat.slack.bolt"),
        client=WebClient(base_url=access.api_url),
        signing_secret=access.signing_secret.reveal() if access.signing_secret else "",
        authorize=_authorize,
        process_before_response=True,
        raise_error_for_unhandled_request=True,
        token_verification_enabled=False,
        ignoring_self_events_enabled=False,
        ignoring_self_assistant_message_events_enabled=False,
        ssl_check_enabled=False,
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
    )
    app.event("app_mention")(_listener(hear.mention, take))
    app.event("message")(_listener(hear.direct, take))
    app.event("app_home_opened")(_opening(tab))
    app.command(re.compile(".*"))(_listener(hear.slash, take))
    app.options(form.VERSION)(lambda ack, body: ack(desk.suggestions(body)))
    app.view(form.CALLBACK)(_submission(take, desk))
    app.action(form.SERVICE)(_choice(choose))
    app.action(re.compile(".*"))(_listener(hear.press, take))
    app.error(_unhandled(ignored))
    return app


def _listener(understand: Understand, take: Take) -> Callable[[Ack, Payload], None]:
    def listen(ack: Ack, body: Payload) -> None:
        found = understand(body)
        try:
            if found:
                take(found)
        except Busy as busy:
            log.warning("an order was refused unheard: %s", busy.sentence)
            ack(f"{busy.sentence} {busy.hint}" if "command" in body else "")
        else:
            ack()

    return listen


def _opening(tab: HomeTab) -> Callable[[Ack, Payload], None]:
    def listen(ack: Ack, body: Payload) -> None:
        user = hear.home(body)
        if user:
            tab.opened(user)
        ack()

    return listen


def _choice(choose: Choose) -> Callable[[Ack, Payload], None]:
    def listen(ack: Ack, body: Payload) -> None:
        try:
            choose(body)
        except Busy as busy:
            log.warning("a form offers no images: %s", busy.sentence)
        ack()

    return listen


def _submission(take: Take, desk: Desk) -> Callable[[Ack, Payload], None]:
    """What is wrong with a field is said at that field, while the form still stands."""
    order = _listener(form.filled, take)

    def listen(ack: Ack, body: Payload) -> None:
        wrong = desk.objections(body)
        if wrong:
            ack(response_action="errors", errors=wrong)
        else:
            order(ack, body)

    return listen


def _unhandled(ignored: Ignored) -> Callable[[Exception, Payload], BoltResponse]:
    """What we do not know is acknowledged, or Slack would send it again and again."""

    def handle(error: Exception, body: Payload) -> BoltResponse:
        if isinstance(error, BoltUnhandledRequestError):
            ignored.note(body)
        else:
            log.error("a payload of Slack broke us", exc_info=error)
        return BoltResponse(status=200, body="")

    return handle


def _authorize() -> AuthorizeResult:
    """There is one workspace, and Slack has signed for it: nothing is asked over the net for each event."""
    return AuthorizeResult(enterprise_id=None, team_id=None)
