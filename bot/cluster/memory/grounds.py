"""What a simulated cluster stands on: the kind of its nodes, and what its pods pull with."""

from bot.core.login import Login
from bot.core.workload import Manifest, Target


class Grounds:
    def __init__(self) -> None:
        self._platforms: frozenset[str] | None = frozenset({"linux/amd64"})
        self._logins: dict[str, Login] = {}

    def platforms(self) -> frozenset[str] | None:
        return self._platforms

    def pull_credentials(self, _target: Target, _template: Manifest | None = None) -> dict[str, Login]:
        return dict(self._logins)

    def have_nodes(self, platforms: frozenset[str] | None) -> None:
        """None: the bot may not read them."""
        self._platforms = platforms

    def pull_as(self, logins: dict[str, Login]) -> None:
        """What the pull secrets of every workload say."""
        self._logins = logins
