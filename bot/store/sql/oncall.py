"""What keeps people awake: incidents, as they were last said."""

from functools import cached_property

from sqlalchemy import Executable, select

from bot.core.events import Incident
from bot.store.sql.codec import encode, moment, reader
from bot.store.sql.engine import Part
from bot.store.sql.tables import incidents

read_incident = reader(Incident)

OPEN = select(incidents.c.noun).where(~incidents.c.ended).order_by(incidents.c.started)


class SqlOnCall(Part):
    @cached_property
    def _save_incident(self) -> Executable:
        return self._db.upsert(incidents, ["ended", "noun"])

    def save_incident(self, incident: Incident) -> None:
        row = {"key": incident.key, "ended": incident.over, "started": moment(incident.started)}
        with self._db.write() as connection:
            connection.execute(self._save_incident, row | {"noun": encode(incident)})

    def open_incidents(self) -> list[Incident]:
        with self._db.read() as connection:
            return [read_incident(noun) for noun in connection.scalars(OPEN)]
