"""What the policy says of an order."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class Outcome(StrEnum):
    """`CONFIRM` and `APPROVE`: allowed once the person, or others, have agreed to exactly this change."""

    ALLOWED = "allowed"
    REFUSED = "refused"
    CONFIRM = "confirm"
    APPROVE = "approve"


class Decision(Struct, frozen=True):
    """What the policy says, and by which rule. `hint` is what can be done next, `free` when it may go by itself."""

    outcome: Outcome
    rule: str
    reason: str = ""
    hint: str = ""
    free: datetime | None = None

    @property
    def allowed(self) -> bool:
        return self.outcome is Outcome.ALLOWED
