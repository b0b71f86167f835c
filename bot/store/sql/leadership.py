"""Who leads. A row in the store, because what is to be guarded lies in the store."""

from datetime import datetime
from functools import cached_property

from sqlalchemy import Executable, bindparam, case, select, update

from bot.store.sql.codec import at_moment, moment
from bot.store.sql.engine import Part
from bot.store.sql.tables import leadership

NAME = "leader"
NOBODY = ""
UNTIL = select(leadership.c.until).where(leadership.c.name == NAME)


class SqlLeadership(Part):
    @cached_property
    def _lead(self) -> Executable:
        """One statement: taken, renewed or refused under the row's own lock. Renewing keeps the epoch."""
        insert = self._db.insert(leadership)
        mine = leadership.c.holder == insert.excluded.holder
        return insert.on_conflict_do_update(
            index_elements=[leadership.c.name],
            set_={
                "holder": insert.excluded.holder,
                "epoch": case((mine, leadership.c.epoch), else_=leadership.c.epoch + 1),
                "until": insert.excluded.until,
            },
            where=mine | (leadership.c.until <= bindparam("now")),
        ).returning(leadership.c.epoch)

    def lead(self, holder: str, now: datetime, until: datetime) -> int | None:
        row = {"name": NAME, "holder": holder, "epoch": 1, "until": moment(until), "now": moment(now)}
        with self._db.write() as connection:
            epoch: int | None = connection.scalar(self._lead, row)
        return epoch

    def led_until(self) -> datetime | None:
        with self._db.read() as connection:
            until = connection.scalar(UNTIL)
        return None if until is None else at_moment(until)

    def resign(self, holder: str) -> None:
        """The epoch stays, so that whoever leads next gets a greater one."""
        mine = (leadership.c.name == NAME) & (leadership.c.holder == holder)
        with self._db.write() as connection:
            connection.execute(update(leadership).where(mine).values(holder=NOBODY, until=0))
