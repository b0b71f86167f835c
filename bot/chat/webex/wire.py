"""The SDK's session, made safe. Importing this loads the SDK, which takes half a second: so only who calls does.

As shipped it sleeps on a 429, breaks on a Retry-After that is a date, and follows a next page to any host with the
token in hand. Here every status but the expected one is told as it is, and no other host is ever asked.
"""

from typing import Any
from urllib.parse import urlsplit

from requests import RequestException, Response
from webexteamssdk.api.attachment_actions import AttachmentActionsAPI
from webexteamssdk.api.memberships import MembershipsAPI
from webexteamssdk.api.messages import MessagesAPI
from webexteamssdk.api.people import PeopleAPI
from webexteamssdk.api.rooms import RoomsAPI
from webexteamssdk.api.webhooks import WebhooksAPI
from webexteamssdk.exceptions import webexteamssdkException
from webexteamssdk.restsession import RestSession

from bot.chat.webex.failures import Answer
from bot.core.secret import Secret

TIMEOUT = 10
UNREACHABLE = (RequestException, OSError)
UNREADABLE = (webexteamssdkException, ValueError, TypeError, AttributeError, KeyError, AssertionError)
WORDS = 2_000


class Elsewhere(ValueError):
    """Webex named another host to go on at."""


class Session(RestSession):  # type: ignore[misc] # the SDK has no types
    def request(self, method: str, url: str, erc: int, **options: Any) -> Response:
        target = self.abs_url(url)
        if _origin(target) != _origin(self.base_url):
            raise Elsewhere
        options.setdefault("timeout", self.single_request_timeout)
        response: Response = self._req_session.request(method, target, allow_redirects=False, **options)
        if response.status_code != erc:
            raise Answer(response.status_code, response.headers, _words(response))
        return response


class Api:
    """The few parts of Webex that we speak to. They answer plain dictionaries."""

    def __init__(self, token: Secret, api_url: str) -> None:
        base = api_url if api_url.endswith("/") else f"{api_url}/"
        session = Session(token.reveal(), base, single_request_timeout=TIMEOUT, wait_on_rate_limit=False)
        self.messages = MessagesAPI(session, _as_it_is)
        self.rooms = RoomsAPI(session, _as_it_is)
        self.people = PeopleAPI(session, _as_it_is)
        self.memberships = MembershipsAPI(session, _as_it_is)
        self.webhooks = WebhooksAPI(session, _as_it_is)
        self.actions = AttachmentActionsAPI(session, _as_it_is)


def _as_it_is(_kind: str, answer: object) -> dict[str, Any]:
    if not isinstance(answer, dict):
        raise TypeError("not an object")
    return answer


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def _words(response: Response) -> str:
    """What it gave as the reason, if it gave one as Webex does."""
    try:
        message = response.json().get("message", "")
    except (ValueError, AttributeError):
        return ""
    return message[:WORDS] if isinstance(message, str) else ""
