"""Who leads. A row in the store, because what is to be guarded lies in the store."""

from datetime import datetime
from functools import cached_property

from sqlalchemy import Executable, bindparam, select, update

from bot.store.sql.codec import at_moment, moment
from bot.store.sql.engine import Part
from bot.store.sql.tables import leadership

NAME = "leader"
NOBODY = ""
UNTIL = select(leadership.c.until).where(leadership.c.name == NAME)


class SqlLeadership(Part):
    @cached_property
    def _lead(self) -> Executable:
        """One statement: taken, renewed or refused under the row's own lock."""
        insert = self._db.insert(leadership)
        mine = leadership.c.holder == insert.excluded.holder
        return insert.on_conflict_do_update(
            index_elements=[leadership.c.name],
            set_={"holder": insert.excluded.holder, "until": insert.excluded.until},
            where=mine | (leadership.c.until <= bindparam("now")),
        ).returning(leadership.c.holder)

    def lead(self, holder: str, now: datetime, until: datetime) -> bool:
        row = {"name": NAME, "holder": holder, "until": moment(until), "now": moment(now)}
        with self._db.write() as connection:
            return connection.scalar(self._lead, row) is not None

    def led_until(self) -> datetime | None:
        with self._db.read() as connection:
            until = connection.scalar(UNTIL)
        return None if until is None else at_moment(until)

    def resign(self, holder: str) -> None:
        mine = (leadership.c.name == NAME) & (leadership.c.holder == holder)
        with self._db.write() as connection:
            connection.execute(update(leadership).where(mine).values(holder=NOBODY, until=0))
