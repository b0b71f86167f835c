"""What may stand in the way of a change besides a lock: a freeze, and people who have to agree."""

from datetime import datetime

from msgspec import Struct

from bot.core.decision import Outcome
from bot.core.model import ALL, Change, Order, Who


class Freeze(Struct, frozen=True):
    """Nothing new is brought to an environment (`*`: to any) for a time. One a person called has an owner."""

    environment: str
    reason: str
    at: datetime
    until: datetime | None
    owner: Who | None = None
    name: str = ""

    @property
    def what(self) -> str:
        return "Everything" if self.environment == ALL else self.environment


class Ask(Struct, frozen=True):
    """A change that waits for people: shown as it was planned, and carried out only while it still is the same.

    `told` is what they should know before: how much is new, what failed there last, who is at it.
    """

    outcome: Outcome
    order: Order
    change: Change
    at: datetime
    until: datetime
    number: int = 0
    need: int = 1
    role: str = ""
    told: tuple[str, ...] = ()

    @property
    def what(self) -> str:
        return self.change.title
