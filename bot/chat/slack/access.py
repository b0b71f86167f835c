"""How one Slack workspace is reached."""

from enum import StrEnum

from msgspec import Struct

from bot.core.secret import Secret

API_URL = "https://slack.com/api/"
SLACK = "slack"


class Mode(StrEnum):
    """How Slack tells us things: over a socket that we open, or by signed requests to an address of ours."""

    SOCKET = "socket"
    HTTP = "http"


class SlackAccess(Struct, frozen=True):
    """`app_token` is what mode socket needs, `signing_secret` what mode http needs.

    `bots` are the ids of other bots that are listened to.
    """

    mode: Mode
    bot_token: Secret
    app_token: Secret | None = None
    signing_secret: Secret | None = None
    api_url: str = API_URL
    bots: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        needed = self.app_token if self.mode is Mode.SOCKET else self.signing_secret
        if not needed:
            name = "app_token" if self.mode is Mode.SOCKET else "signing_secret"
            raise ValueError(f"mode {self.mode} needs {name}")
