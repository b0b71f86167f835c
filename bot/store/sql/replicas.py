"""Which processes live: a row each, good for a while and renewed. What one of them was at falls to the others then."""

from datetime import datetime
from functools import cached_property

from sqlalchemy import Executable, bindparam, delete

from bot.store.sql.codec import moment
from bot.store.sql.engine import Part
from bot.store.sql.tables import replicas

OVER = delete(replicas).where(replicas.c.until <= bindparam("now"))


class SqlReplicas(Part):
    @cached_property
    def _live(self) -> Executable:
        return self._db.upsert(replicas, ["until"])

    def live(self, replica: str, now: datetime, until: datetime) -> None:
        with self._db.write() as connection:
            connection.execute(OVER, {"now": moment(now)})
            connection.execute(self._live, {"name": replica, "until": moment(until)})

    def end(self, replica: str) -> None:
        with self._db.write() as connection:
            connection.execute(delete(replicas).where(replicas.c.name == replica))
