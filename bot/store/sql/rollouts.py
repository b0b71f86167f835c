"""Rollouts, open and past: what the follower resumes, what history shows, what promotion believes."""

from datetime import datetime
from functools import cached_property

from sqlalchemy import ColumnElement, Executable, Select, exists, or_, select

from bot.core.events import Rollout
from bot.core.workload import Phase, Target
from bot.store.sql.codec import encode, moment, reader
from bot.store.sql.engine import Part
from bot.store.sql.tables import messages, rollouts

read_rollout = reader(Rollout)

NEWEST = rollouts.c.started.desc()


class SqlRollouts(Part):
    @cached_property
    def _save_rollout(self) -> Executable:
        """Of two who follow it the one that is behind, or was frozen, opens nothing again that has ended."""
        columns = [c.name for c in rollouts.c if not c.primary_key]
        return self._db.upsert(rollouts, columns, only=lambda new: or_(~rollouts.c.final, new.final))

    def save_rollout(self, rollout: Rollout) -> None:
        with self._db.write() as connection:
            connection.execute(self._save_rollout, _row(rollout))

    def rollout(self, key: str) -> Rollout | None:
        return next(iter(self._select_rollouts(_where(rollouts.c.key == key))), None)

    def open_rollouts(self) -> list[Rollout]:
        return self._select_rollouts(_where(rollouts.c.final.is_(False)).order_by(rollouts.c.started))

    def untold_rollouts(self) -> list[Rollout]:
        said = exists().where(messages.c.key == rollouts.c.key, ~messages.c.final)
        return self._select_rollouts(_where(rollouts.c.final & said).order_by(rollouts.c.started))

    def rollouts_of(self, order: str) -> list[Rollout]:
        return self._select_rollouts(_where(rollouts.c.order_key == order).order_by(rollouts.c.started))

    def recent_rollouts(self, target: Target, limit: int = 20) -> list[Rollout]:
        there = _there(target) & (rollouts.c.kind == target.kind.value)
        return self._select_rollouts(_where(there).order_by(NEWEST).limit(limit))

    def rollouts_since(self, at: datetime, cluster: str, namespace: str, limit: int = 5_000) -> list[Rollout]:
        there = (rollouts.c.cluster == cluster) & (rollouts.c.namespace == namespace)
        newest = _where(there & (rollouts.c.started >= moment(at))).order_by(NEWEST).limit(limit)
        return self._select_rollouts(newest)[::-1]

    def proven(self, target: Target, template: str) -> bool:
        this = _there(target) & (rollouts.c.template == template)
        return bool(self._select_rollouts(_where(this & (rollouts.c.phase == Phase.PROVEN.value)).limit(1)))

    def _select_rollouts(self, statement: Select[str]) -> list[Rollout]:
        with self._db.read() as connection:
            return [read_rollout(noun) for noun in connection.scalars(statement)]


def _where(condition: ColumnElement[bool]) -> Select[str]:
    return select(rollouts.c.noun).where(condition)


def _there(target: Target) -> ColumnElement[bool]:
    namespace = (rollouts.c.cluster == target.cluster) & (rollouts.c.namespace == target.namespace)
    return namespace & (rollouts.c.name == target.name)


def _row(rollout: Rollout) -> dict[str, object]:
    target = rollout.target
    return {
        "key": rollout.key,
        "order_key": rollout.order,
        "cluster": target.cluster,
        "namespace": target.namespace,
        "kind": target.kind.value,
        "name": target.name,
        "template": rollout.template,
        "phase": rollout.phase.value,
        "final": rollout.phase.final,
        "started": moment(rollout.started),
        "noun": encode(rollout),
    }
