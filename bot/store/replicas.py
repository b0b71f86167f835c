"""The part of the store that says which of several processes lives, and which of them leads."""

from datetime import datetime
from typing import Protocol


class Leadership(Protocol):
    def lead(self, holder: str, now: datetime, until: datetime) -> bool:
        """Does `holder` lead until then? False where somebody else does, whose time is not over."""

    def led_until(self) -> datetime | None:
        """As whoever leads said by its own clock, which need not be ours."""

    def resign(self, holder: str) -> None: ...


class Replicas(Protocol):
    def live(self, replica: str, now: datetime, until: datetime) -> None:
        """It counts as alive until then, and is to say so again before."""

    def end(self, replica: str) -> None:
        """It carries out nothing any more."""
