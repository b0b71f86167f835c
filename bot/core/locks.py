"""What a person, or the bot after a failure, has closed to changes."""

from datetime import datetime

from msgspec import Struct

from bot.core.model import ALL, Place, Who


class Lock(Struct, frozen=True):
    """`*` is every service, or every environment. One that is past `until` counts for nothing."""

    service: str
    environment: str
    owner: Who
    reason: str
    at: datetime
    automatic: bool = False
    until: datetime | None = None
    place: Place | None = None

    @property
    def what(self) -> str:
        return self._called("Everything")

    @property
    def words(self) -> str:
        """What `lock` and `unlock` take to mean the same."""
        return self._called("all")

    def stands(self, now: datetime) -> bool:
        return self.until is None or self.until > now

    def covers(self, service: str, environment: str | None, now: datetime) -> bool:
        """Is all of that closed by it?"""
        there = self.service in (ALL, service) and self.environment in (ALL, environment)
        return there and self.stands(now)

    def touches(self, service: str, environment: str) -> bool:
        """Is any of that closed by it?"""
        pairs = ((self.service, service), (self.environment, environment))
        return all(one == other or ALL in (one, other) for one, other in pairs)

    def _called(self, everything: str) -> str:
        service = everything if self.service == ALL else self.service
        return service if self.environment == ALL else f"{service} in {self.environment}"
