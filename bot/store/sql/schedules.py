"""Orders for later. What is over stays as a row without a moment, so that no number is given twice."""

from datetime import datetime
from functools import cached_property

from msgspec.structs import replace
from sqlalchemy import Executable, Row, null, select, update

from bot.core.schedules import Schedule
from bot.store.sql.codec import at_moment, encode, moment, reader
from bot.store.sql.engine import Part
from bot.store.sql.tables import schedules

read_schedule = reader(Schedule)

AHEAD = select(schedules).where(schedules.c.due.is_not(None)).order_by(schedules.c.due, schedules.c.number)


class SqlSchedules(Part):
    @cached_property
    def _add_schedule(self) -> Executable:
        insert = self._db.insert(schedules)
        return insert.on_conflict_do_nothing(index_elements=[schedules.c.given])

    def add_schedule(self, schedule: Schedule) -> Schedule:
        row = {"given": schedule.given, "at": moment(schedule.at), "due": moment(schedule.due)}
        with self._db.write() as connection:
            connection.execute(self._add_schedule, row | {"noun": encode(schedule)})
            found = connection.execute(select(schedules).where(schedules.c.given == schedule.given)).one()
        return replace(read_schedule(found.noun), number=found.number)

    def schedules(self, until: datetime | None = None) -> list[Schedule]:
        statement = AHEAD.where(schedules.c.due <= moment(until)) if until else AHEAD
        with self._db.read() as connection:
            return [_found(row) for row in connection.execute(statement)]

    def move_schedule(self, schedule: Schedule, due: datetime | None) -> None:
        this = (schedules.c.number == schedule.number) & (schedules.c.due == moment(schedule.due))
        with self._db.write() as connection:
            connection.execute(update(schedules).where(this).values(due=moment(due) if due else null()))

    def remove_schedule(self, number: int) -> Schedule | None:
        this = (schedules.c.number == number) & schedules.c.due.is_not(None)
        with self._db.write() as connection:
            row = connection.execute(select(schedules).where(this).with_for_update()).first()
            connection.execute(update(schedules).where(this).values(due=null()))
        return _found(row) if row else None


def _found(row: "Row[tuple[object, ...]]") -> Schedule:
    return replace(read_schedule(row.noun), number=row.number, due=at_moment(row.due))
