"""The record of every attempt, and the ways people search it. Rows are only ever added, one after the other."""

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cached_property

from sqlalchemy import Executable, Select, select, update

from bot.core.audit import AuditEntry
from bot.core.chain import Chain, Head, Sealed, seal, walk
from bot.core.model import Who
from bot.store.sql.codec import encode, moment, reader
from bot.store.sql.engine import Part
from bot.store.sql.sealing import LOWEST, PAGE, links, sealed_text
from bot.store.sql.tables import audit, audit_head

log = logging.getLogger(__name__)
read_entry = reader(AuditEntry)

HEAD = select(audit_head.c.number, audit_head.c.seal)
HOLD_HEAD = HEAD.with_for_update()
MOVE_HEAD = update(audit_head)
NEWEST = select(audit.c.noun).order_by(audit.c.at.desc(), audit.c.number.desc())
NOWHERE = Head(-1)
IN_ORDER = select(audit.c.number, audit.c.seal, audit.c.noun).order_by(audit.c.number).limit(PAGE)


class SqlAudit(Part):
    @cached_property
    def _record(self) -> Executable:
        """What lies under its number, because somebody tampered, is an error."""
        insert = self._db.insert(audit)
        key, present = [audit.c.request, audit.c.outcome], audit.c.request.is_not(None)
        return insert.on_conflict_do_nothing(index_elements=key, index_where=present).returning(audit.c.number)

    def record(self, entry: AuditEntry) -> None:
        """Whoever holds the head is next: replicas write one after the other, so there is one chain."""
        row = {
            "at": moment(entry.at),
            "service": entry.service,
            "who": _names(entry.who),
            "verb": entry.verb,
            "outcome": entry.outcome,
            "noun": encode(entry),
            "request": entry.request if entry.once else None,
        }
        with self._db.write() as connection:
            last = connection.execute(HOLD_HEAD).one()
            number = last.number + 1
            head = {"number": number, "seal": seal(last.seal, number, sealed_text(row))}
            if connection.execute(self._record, row | head).first() is None:
                return
            connection.execute(MOVE_HEAD, head)
        log.info("audit %d %s", number, head["seal"])

    def audit(
        self,
        *,
        service: str | None = None,
        by: str | None = None,
        since: datetime | None = None,
        verb: str | None = None,
        outcomes: Sequence[str] = (),
        limit: int = 20,
    ) -> Sequence[AuditEntry]:
        statement = _search(service, by, since)
        if verb is not None:
            statement = statement.where(audit.c.verb == verb)
        if outcomes:
            statement = statement.where(audit.c.outcome.in_(outcomes))
        with self._db.read() as connection:
            return [read_entry(noun) for noun in connection.scalars(statement.limit(limit))]

    def audit_records(self, since: datetime | None = None) -> Iterator[Sealed]:
        statement = IN_ORDER if since is None else IN_ORDER.where(audit.c.at >= moment(since))
        last = LOWEST
        while True:
            with self._db.read() as connection:
                page = connection.execute(statement.where(audit.c.number > last)).all()
            yield from (Sealed(row.number, row.seal, read_entry(row.noun)) for row in page)
            if len(page) < PAGE:
                return
            last = page[-1].number

    def audit_head(self) -> Head:
        with self._db.read() as connection:
            head = connection.execute(HEAD).one()
        return Head(head.number, head.seal)

    def check_audit(self) -> Chain:
        with self._db.snapshot() as connection:
            head = connection.execute(HEAD).first()
            return walk(links(connection), Head(head.number, head.seal) if head else NOWHERE)


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
