"""Locks that people take, and claims that orders hold while they apply. Unique keys decide who comes first."""

from datetime import datetime
from functools import cached_property

from sqlalchemy import ColumnElement, Executable, bindparam, delete, select

from bot.core.locks import Lock
from bot.store.sql.codec import encode, moment, reader
from bot.store.sql.engine import Part
from bot.store.sql.tables import claims, locks

read_lock = reader(Lock)

UNCLAIM = delete(claims).where(claims.c.target == bindparam("target"), claims.c.owner == bindparam("owner"))


class SqlLocks(Part):
    @cached_property
    def _take_lock(self) -> Executable:
        """Where one stands that does not give way it is held all the same: it cannot vanish before it is read."""
        over = locks.c.until <= bindparam("now")
        take = self._db.upsert(
            locks, ["noun", "until", "person"], only=lambda new: over | (locks.c.person == new.person)
        )
        return take.returning(locks.c.service)

    def take_lock(self, lock: Lock) -> Lock | None:
        row = {
            "service": lock.service,
            "environment": lock.environment,
            "noun": encode(lock),
            "until": moment(lock.until) if lock.until else None,
            "person": lock.owner.person,
            "now": moment(lock.at),
        }
        with self._db.write() as connection:
            if connection.execute(self._take_lock, row).first() is not None:
                return None
            standing = select(locks.c.noun).where(_same(lock.service, lock.environment))
            return read_lock(connection.scalars(standing).one())

    def release_lock(self, service: str, environment: str) -> Lock | None:
        with self._db.write() as connection:
            noun = connection.scalar(delete(locks).where(_same(service, environment)).returning(locks.c.noun))
        return read_lock(noun) if noun else None

    def locks(self) -> list[Lock]:
        with self._db.read() as connection:
            found = [read_lock(noun) for noun in connection.scalars(select(locks.c.noun))]
        return sorted(found, key=lambda lock: lock.at)


class SqlClaims(Part):
    @cached_property
    def _claim_target(self) -> Executable:
        """Also renews one's own: an order that is resumed claims what it held before the crash."""
        past = claims.c.until <= bindparam("now")
        claim = self._db.upsert(claims, ["owner", "until"], only=lambda new: past | (claims.c.owner == new.owner))
        return claim.returning(claims.c.owner)

    def claim(self, target: str, owner: str, now: datetime, until: datetime) -> str | None:
        row = {"target": target, "owner": owner, "until": moment(until), "now": moment(now)}
        with self._db.write() as connection:
            if connection.execute(self._claim_target, row).first() is not None:
                return None
            at_it: str = connection.scalars(select(claims.c.owner).where(claims.c.target == target)).one()
            return at_it

    def unclaim(self, target: str, owner: str) -> None:
        with self._db.write() as connection:
            connection.execute(UNCLAIM, {"target": target, "owner": owner})


def _same(service: str, environment: str) -> ColumnElement[bool]:
    return (locks.c.service == service) & (locks.c.environment == environment)
