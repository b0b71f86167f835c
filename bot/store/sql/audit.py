"""The record of every attempt, and the ways people search it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, insert, select

from bot.core.audit import AuditEntry
from bot.core.model import Who
from bot.store.sql.codec import encode, moment, reader
from bot.store.sql.engine import Part
from bot.store.sql.tables import audit

read_entry = reader(AuditEntry)

RECORD = insert(audit)
NEWEST = select(audit.c.noun).order_by(audit.c.at.desc(), audit.c.number.desc())


class SqlAudit(Part):
    def record(self, entry: AuditEntry) -> None:
        row = {"at": moment(entry.at), "service": entry.service, "who": _names(entry.who), "noun": encode(entry)}
        with self._db.write() as connection:
            connection.execute(RECORD, row)

    def audit(
        self,
        *,
        service: str | None = None,
        by: str | None = None,
        since: datetime | None = None,
        limit: int = 20,
    ) -> Sequence[AuditEntry]:
        with self._db.read() as connection:
            found = connection.scalars(_search(service, by, since).limit(limit))
            return [read_entry(noun) for noun in found]


def _names(who: Who) -> str:
    return "\n".join((who.mention, who.email or "", who.id)).casefold()


def _search(service: str | None, by: str | None, since: datetime | None) -> Select[str]:
    statement = NEWEST
    if service is not None:
        statement = statement.where(audit.c.service == service)
    if by is not None:
        statement = statement.where(audit.c.who.contains(by.casefold(), autoescape=True))
    if since is not None:
        statement = statement.where(audit.c.at >= moment(since))
    return statement
