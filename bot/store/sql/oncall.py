"""What keeps people awake: incidents and outages, as they were last said, and alerts, as they were last told."""

from functools import cached_property

from sqlalchemy import Executable, select, update

from bot.core.alerts import AlertGroup, merge
from bot.core.events import Incident
from bot.core.outage import Outage
from bot.store.sql.codec import encode, moment, reader
from bot.store.sql.engine import Part
from bot.store.sql.tables import alerts, incidents, outages

read_incident = reader(Incident)
read_alerts = reader(AlertGroup)
read_outage = reader(Outage)

OPEN = select(incidents.c.noun).where(~incidents.c.ended).order_by(incidents.c.started)
OUTAGES = select(outages.c.noun).order_by(outages.c.registry)
FIRING = select(alerts.c.noun).where(alerts.c.firing).order_by(alerts.c.heard.desc())


class SqlOnCall(Part):
    @cached_property
    def _first_alerts(self) -> Executable:
        return self._db.insert_once(alerts)

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

    def merge_alerts(self, told: AlertGroup) -> AlertGroup:
        """Under the row's lock: of two deliveries at once, the second finds what the first left."""
        this = (alerts.c.source == told.source) & (alerts.c.name == told.group)
        first = merge(None, told)
        with self._db.write() as connection:
            if connection.execute(self._first_alerts, _row(first)).first() is not None:
                return first
            known = connection.scalars(select(alerts.c.noun).where(this).with_for_update()).one()
            merged = merge(read_alerts(known), told)
            connection.execute(update(alerts).where(this).values(**_row(merged)))
        return merged

    def firing_alerts(self) -> list[AlertGroup]:
        with self._db.read() as connection:
            return [read_alerts(noun) for noun in connection.scalars(FIRING)]

    @cached_property
    def _save_outage(self) -> Executable:
        return self._db.upsert(outages, ["noun"])

    def save_outage(self, outage: Outage) -> None:
        with self._db.write() as connection:
            connection.execute(self._save_outage, {"registry": outage.registry, "noun": encode(outage)})

    def outages(self) -> list[Outage]:
        with self._db.read() as connection:
            return [read_outage(noun) for noun in connection.scalars(OUTAGES)]


def _row(group: AlertGroup) -> dict[str, object]:
    return {
        "source": group.source,
        "name": group.group,
        "firing": bool(group.firing),
        "heard": moment(group.heard),
        "noun": encode(group),
    }
