"""Freezes that people called: one an environment, and one for all of them."""

from collections.abc import Iterable
from functools import cached_property

from sqlalchemy import Executable, delete, literal_column, select, union_all

from bot.core.guards import Freeze
from bot.core.locks import Lock
from bot.store.sql.codec import encode, reader
from bot.store.sql.engine import Part
from bot.store.sql.locks import read_lock
from bot.store.sql.tables import freezes, locks

read_freeze = reader(Freeze)
FREEZES = select(freezes.c.noun)
GUARDS = union_all(
    select(literal_column("'lock'").label("kind"), locks.c.noun),
    select(literal_column("'freeze'"), freezes.c.noun),
)


class SqlFreezes(Part):
    @cached_property
    def _freeze(self) -> Executable:
        return self._db.upsert(freezes, ["noun"])

    def freeze(self, freeze: Freeze) -> Freeze | None:
        with self._db.write() as connection:
            before = connection.scalar(select(freezes.c.noun).where(freezes.c.environment == freeze.environment))
            connection.execute(self._freeze, {"environment": freeze.environment, "noun": encode(freeze)})
        return read_freeze(before) if before else None

    def unfreeze(self, environment: str) -> Freeze | None:
        gone = delete(freezes).where(freezes.c.environment == environment).returning(freezes.c.noun)
        with self._db.write() as connection:
            noun = connection.scalar(gone)
        return read_freeze(noun) if noun else None

    def freezes(self) -> list[Freeze]:
        with self._db.read() as connection:
            return _sorted(read_freeze(noun) for noun in connection.scalars(FREEZES))

    def guards(self) -> tuple[list[Lock], list[Freeze]]:
        with self._db.read() as connection:
            rows = connection.execute(GUARDS).all()
        held = sorted((read_lock(noun) for kind, noun in rows if kind == "lock"), key=lambda lock: lock.at)
        return held, _sorted(read_freeze(noun) for kind, noun in rows if kind == "freeze")


def _sorted(found: Iterable[Freeze]) -> list[Freeze]:
    return sorted(found, key=lambda freeze: freeze.at)
