"""The clocks of a running process. Tests bring their own."""

from datetime import UTC, datetime, timedelta
from time import monotonic


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def real(self, seconds: float) -> float:
        return seconds


class ScaledClock:
    """The demo's time: it begins now and passes `speed` times as fast."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._began = datetime.now(UTC)
        self._zero = monotonic()

    def now(self) -> datetime:
        return self._began + timedelta(seconds=(monotonic() - self._zero) * self._speed)

    def real(self, seconds: float) -> float:
        return seconds / self._speed
