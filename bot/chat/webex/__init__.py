"""Webex: signed webhooks in, its REST API out."""

from bot.chat.webex.access import WEBEX, WebexAccess
from bot.chat.webex.platform import WebexPlatform

__all__ = ["WEBEX", "WebexAccess", "WebexPlatform"]
