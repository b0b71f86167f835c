"""Who is to be told that something is free: one a person and target."""

from functools import cached_property

from sqlalchemy import Executable, delete, select

from bot.core.reminders import Reminder
from bot.store.sql.codec import encode, moment, reader
from bot.store.sql.engine import Part
from bot.store.sql.tables import reminders

read_reminder = reader(Reminder)


class SqlReminders(Part):
    @cached_property
    def _remind(self) -> Executable:
        return self._db.upsert(reminders, ["noun", "at", "given"])

    def remind(self, reminder: Reminder) -> None:
        row = {
            "person": reminder.who.person,
            "service": reminder.service,
            "environment": reminder.environment,
            "given": reminder.given,
            "at": moment(reminder.at),
            "noun": encode(reminder),
        }
        with self._db.write() as connection:
            connection.execute(self._remind, row)

    def reminders(self) -> list[Reminder]:
        with self._db.read() as connection:
            found = connection.scalars(select(reminders.c.noun).order_by(reminders.c.at, reminders.c.given))
            return [read_reminder(noun) for noun in found]

    def forget_reminder(self, reminder: Reminder) -> None:
        this = (
            (reminders.c.person == reminder.who.person)
            & (reminders.c.service == reminder.service)
            & (reminders.c.environment == reminder.environment)
            & (reminders.c.given == reminder.given)
        )
        with self._db.write() as connection:
            connection.execute(delete(reminders).where(this))
