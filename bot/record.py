"""What `quarterdeck audit` tells: whether every record of it holds, and all of them as lines of JSON."""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from bot.core.model import Field, Reply, Tone
from bot.core.words import count
from bot.store import Store

_json = msgspec.json.Encoder(order="deterministic")


def verified(store: Store) -> Reply:
    """The count and the last seal are there to be compared with what the log said when they were written."""
    told = store.check_audit()
    fields = (Field("last", str(told.head.number)), Field("seal", told.head.seal)) if told.count else ()
    if told.broken is None:
        return Reply(f"The audit holds: {count(told.count, 'entry', 'entries')}", Tone.GOOD, fields)
    return Reply(
        f"The audit is broken at entry {told.broken}",
        Tone.BAD,
        fields,
        body=f"{count(told.count, 'entry', 'entries')} before it hold. What follows was changed, removed, moved or "
        "added by somebody else than the bot.",
        code="broken",
    )


def exported(store: Store, since: datetime | None) -> Iterator[str]:
    return (_json.encode(sealed).decode() for sealed in store.audit_records(since))
