"""What is remembered of every attempt to change something."""

from datetime import datetime

from msgspec import Struct

from bot.core.model import Change, Order, Place, Who

ASKED = "asked"


class AuditEntry(Struct, frozen=True):
    """One attempt, allowed or not."""

    at: datetime
    request: str
    who: Who
    place: Place
    text: str
    verb: str
    service: str | None
    environment: str | None
    before: str
    after: str
    rule: str
    outcome: str

    @property
    def once(self) -> bool:
        """An order ends once. It may be asked about again, when what it would do is no longer what was shown."""
        return self.outcome != ASKED


def entry_of(order: Order, change: Change | None, at: datetime, rule: str, outcome: str) -> AuditEntry:
    order = order.masked()
    request = order.request
    return AuditEntry(
        at=at,
        request=request.id,
        who=request.who,
        place=request.place,
        text=request.text,
        verb=order.verb,
        service=order.service,
        environment=order.environment,
        before=change.before if change else "",
        after=f"{change.after}{change.cut.told if change.cut else ''}" if change else "",
        rule=rule,
        outcome=outcome,
    )
