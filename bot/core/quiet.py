"""When nothing new is said: the hours of a route, and how long what would begin in them is kept."""

from datetime import UTC, datetime

from msgspec import Struct

from bot.core.windows import Window


class Quiet(Struct, frozen=True):
    """Until when a message that does not stand yet is kept, and what it tells of: in its digest that is one row.

    Without a `subject` it only goes with others, and has no row: a release's parent, or the evidence beneath a failure.
    """

    until: datetime
    subject: str | None = ""

    @property
    def loud(self) -> bool:
        """It is said at once, also what was kept so far."""
        return self.until <= LOUD.until


LOUD = Quiet(datetime(1970, 1, 1, tzinfo=UTC))


def quiet_until(window: Window | None, now: datetime) -> datetime | None:
    """None where it is not quiet now."""
    return window.ends(now) if window and window.contains(now) else None
