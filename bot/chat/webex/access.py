"""How one Webex bot reaches Webex, how Webex reaches it, and who may speak to it."""

from collections.abc import Callable, Iterable

from msgspec import Struct

from bot.core.secret import Secret

API_URL = "https://webexapis.com/v1/"
PATH = "/webex/events"
WEBEX = "webex"


class WebexAccess(Struct, frozen=True):
    """Anybody in the world can write to a Webex bot, so members are named: by organisation, and by domain if given.

    No `orgs` means the bot's own organisation, no `domains` any. Without a `public_url` Webex can tell us nothing.
    `rooms` are asked for their members each time: to be one of them may be a right.
    """

    token: Secret
    webhook_secret: Secret
    public_url: str | None = None
    api_url: str = API_URL
    orgs: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()
    rooms: Callable[[], Iterable[str]] = tuple

    def __post_init__(self) -> None:
        if not self.token:
            raise ValueError("Webex needs a token")
        if not self.webhook_secret:
            raise ValueError("Webex needs a webhook_secret: without one anybody could give orders")

    @property
    def target(self) -> str | None:
        """Where Webex is asked to send what happens."""
        return self.public_url.rstrip("/") + PATH if self.public_url else None
