"""Time as a parameter: the demo runs it faster, tests run it by hand."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The present moment, in UTC."""

    def real(self, seconds: float) -> float:
        """How many real seconds `seconds` of this clock take: for timeouts of waits."""
