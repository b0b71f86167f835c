"""Which rollouts are told together: a restart in the middle goes on with the same message."""

from collections.abc import Collection
from functools import cached_property

from sqlalchemy import Executable, select

from bot.core.events import Rollout
from bot.core.storm import Storm
from bot.store.sql.codec import encode, moment, reader
from bot.store.sql.engine import Part
from bot.store.sql.rollouts import read_rollout
from bot.store.sql.tables import rollouts, storm_rollouts, storms

read_storm = reader(Storm)

OPEN = select(storms.c.noun).where(~storms.c.ended).order_by(storms.c.began)
JOINED = select(storms.c.noun).join(storm_rollouts, storm_rollouts.c.storm == storms.c.key)
TOGETHER = select(rollouts.c.noun).join(storm_rollouts, storm_rollouts.c.rollout == rollouts.c.key)


class SqlStorms(Part):
    @cached_property
    def _save_storm(self) -> Executable:
        return self._db.upsert(storms, ["ended", "noun"])

    @cached_property
    def _join_storm(self) -> Executable:
        return self._db.insert(storm_rollouts).on_conflict_do_nothing()

    def save_storm(self, storm: Storm, rollouts: Collection[str] = ()) -> None:
        row = {"key": storm.key, "began": moment(storm.began), "ended": storm.over, "noun": encode(storm)}
        joining = [{"storm": storm.key, "rollout": key} for key in rollouts]
        with self._db.write() as connection:
            connection.execute(self._save_storm, row)
            if joining:
                connection.execute(self._join_storm, joining)

    def open_storms(self) -> list[Storm]:
        with self._db.read() as connection:
            return [read_storm(noun) for noun in connection.scalars(OPEN)]

    def storms_of(self, rollout: str) -> list[Storm]:
        of_it = JOINED.where(storm_rollouts.c.rollout == rollout).order_by(storms.c.began)
        with self._db.read() as connection:
            return [read_storm(noun) for noun in connection.scalars(of_it)]

    def rollouts_in(self, storm: str) -> list[Rollout]:
        together = TOGETHER.where(storm_rollouts.c.storm == storm).order_by(rollouts.c.started)
        with self._db.read() as connection:
            return [read_rollout(noun) for noun in connection.scalars(together)]
