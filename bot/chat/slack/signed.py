"""What Slack sends by HTTP: `POST /slack/events`, for events, slash commands and buttons alike."""

from collections.abc import Mapping

from slack_bolt import App, BoltRequest
from slack_sdk.signature import SignatureVerifier

from bot.chat import Answer
from bot.core.secret import Secret
from bot.counts import Counts

NOT_SLACK = Answer(401)
MEANINGLESS = Answer(400)


class Signed:
    """Signature and age are checked over the raw body before anything of it is read, and by Bolt once more.

    `ignored` counts what did not pass.
    """

    def __init__(self, app: App, signing_secret: Secret) -> None:
        self._app = app
        self._verifier = SignatureVerifier(signing_secret.reveal())
        self._counts: Counts[str] = Counts()

    @property
    def ignored(self) -> dict[str, int]:
        return self._counts.all()

    def handle(self, headers: Mapping[str, str], raw: bytes) -> Answer:
        """Asks nothing of anybody over the net, yet is not for an event loop: it decodes and it locks."""
        if not self._is_slack({name.lower(): value for name, value in headers.items()}, raw):
            self._counts.add("forged")
            return NOT_SLACK
        try:
            request = BoltRequest(body=raw.decode(), headers=dict(headers))
        except (ValueError, TypeError, AttributeError, RecursionError):
            self._counts.add("unknown")
            return MEANINGLESS
        response = self._app.dispatch(request)
        return Answer(response.status, response.body or "", response.first_headers().get("content-type", "text/plain"))

    def _is_slack(self, headers: Mapping[str, str], raw: bytes) -> bool:
        stamp, signature = headers.get("x-slack-request-timestamp", ""), headers.get("x-slack-signature", "")
        try:
            return self._verifier.is_valid(raw, stamp, signature)
        except (ValueError, TypeError, OverflowError):
            return False
