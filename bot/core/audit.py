"""What is remembered of every attempt to change something."""

from datetime import datetime

from msgspec import Struct

from bot.core.model import Place, Who


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
