"""Clearing away what is over: a bounded piece at a time, so that nobody waits long for the one writer of SQLite."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Column, ColumnElement, delete, exists, func, select, true, tuple_

from bot.store import Kept
from bot.store.sql.codec import moment
from bot.store.sql.engine import Part
from bot.store.sql.tables import (
    agreements,
    alerts,
    announcements,
    asks,
    builds,
    commits,
    incidents,
    messages,
    orders,
    release_names,
    releases,
    requests,
    rollouts,
    schedules,
    storm_rollouts,
    storms,
)


def _not_last(number: Column[int]) -> ColumnElement[bool]:
    """Or SQLite would give the last number once more."""
    return number < select(func.max(number)).scalar_subquery()


_newer = rollouts.alias("newer")
SUPERSEDED = exists().where(
    _newer.c.cluster == rollouts.c.cluster,
    _newer.c.namespace == rollouts.c.namespace,
    _newer.c.kind == rollouts.c.kind,
    _newer.c.name == rollouts.c.name,
    _newer.c.started > rollouts.c.started,
)
AGES: Mapping[Kept, tuple[Column[int], ColumnElement[bool]]] = {
    Kept.REQUESTS: (requests.c.at, true()),
    Kept.ORDERS: (orders.c.at, orders.c.outcome.is_not(None)),
    Kept.MESSAGES: (messages.c.at, messages.c.turn.is_(None) & messages.c.quiet.is_(None)),
    Kept.ROLLOUTS: (rollouts.c.started, rollouts.c.final & SUPERSEDED),
    Kept.BUILDS: (builds.c.started, true()),
    Kept.RELEASES: (releases.c.opened, true()),
    Kept.COMMITS: (commits.c.at, true()),
    Kept.STORMS: (storms.c.began, storms.c.ended),
    Kept.ANNOUNCEMENTS: (announcements.c.at, true()),
    Kept.INCIDENTS: (incidents.c.started, incidents.c.ended),
    Kept.ALERTS: (alerts.c.heard, true()),
    Kept.SCHEDULES: (schedules.c.at, schedules.c.due.is_(None) & _not_last(schedules.c.number)),
    Kept.ASKS: (asks.c.at, asks.c.settled.is_not(None) & _not_last(asks.c.number)),
}


class SqlRetention(Part):
    def forget(self, kept: Kept, before: datetime, most: int = 1000) -> int:
        age, over = AGES[kept]
        key = list(age.table.primary_key)
        old = select(*key).where(age < moment(before), over).order_by(age).limit(most)
        with self._db.write() as connection:
            gone = connection.execute(delete(age.table).where(tuple_(*key).in_(old))).rowcount
            if kept is Kept.ASKS:
                connection.execute(delete(agreements).where(agreements.c.ask.not_in(select(asks.c.number))))
            if kept is Kept.RELEASES and gone:
                connection.execute(delete(release_names).where(release_names.c.release.not_in(select(releases.c.key))))
            if kept is Kept.STORMS and gone:
                connection.execute(delete(storm_rollouts).where(storm_rollouts.c.storm.not_in(select(storms.c.key))))
        return gone
