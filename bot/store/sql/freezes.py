"""Freezes that people called: one an environment, and one for all of them."""

from functools import cached_property

from sqlalchemy import Executable, delete, select

from bot.core.guards import Freeze
from bot.store.sql.codec import encode, reader
from bot.store.sql.engine import Part
from bot.store.sql.tables import freezes

read_freeze = reader(Freeze)


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
            found = [read_freeze(noun) for noun in connection.scalars(select(freezes.c.noun))]
        return sorted(found, key=lambda freeze: freeze.at)
