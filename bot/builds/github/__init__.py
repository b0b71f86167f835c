"""GitHub: what was built, and what was pushed or merged."""

from bot.builds.github.source import GithubSource

__all__ = ["GithubSource"]
