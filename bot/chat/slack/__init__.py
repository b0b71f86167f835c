"""Slack: its socket or its signed requests in, its Web API out."""

from bot.chat.slack.access import Mode, SlackAccess
from bot.chat.slack.manifest import Slash, manifest
from bot.chat.slack.platform import SlackPlatform

__all__ = ["Mode", "SlackAccess", "SlackPlatform", "Slash", "manifest"]
