"""Travis CI's webhook, signed with its private key."""

from bot.builds.travis.keys import FetchedKey, FixedKey, Key
from bot.builds.travis.source import TravisSource

__all__ = ["FetchedKey", "FixedKey", "Key", "TravisSource"]
