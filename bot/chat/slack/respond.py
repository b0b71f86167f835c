"""The private answer by the address that came with an order: it works where the bot is not in the channel."""

from http.client import HTTPException
from ssl import SSLContext

from slack_sdk.errors import SlackClientError
from slack_sdk.webhook import WebhookClient

from bot.chat.slack.blocks import Rendered
from bot.chat.slack.calls import TIMEOUT


def respond(url: str, said: Rendered, trust: SSLContext | None) -> bool:
    """False where it was not taken: such an address lasts half an hour and five answers."""
    client = WebhookClient(url, TIMEOUT, trust, retry_handlers=[])
    try:
        response = client.send(
            text=said.text,
            blocks=said.blocks,
            attachments=said.attachments,
            response_type="ephemeral",
            replace_original=False,
            unfurl_links=False,
            unfurl_media=False,
        )
    except (OSError, SlackClientError, HTTPException, ValueError):
        return False
    return response.status_code == 200
