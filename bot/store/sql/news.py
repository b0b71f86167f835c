"""What the outside world told: builds, tags, and what was announced already."""

from collections.abc import Sequence
from datetime import datetime
from fnmatch import fnmatchcase
from functools import cached_property

from sqlalchemy import ColumnElement, Executable, and_, bindparam, delete, not_, or_, select, update

from bot.core.events import Build, BuildPhase, TagFound
from bot.store.sql.codec import encode, moment, reader
from bot.store.sql.engine import Excluded, Part
from bot.store.sql.tables import announcements, builds, put_off, tags

read_build = reader(Build)
read_found = reader(TagFound)
read_tags = reader(dict[str, str])

ENDED = 2
PROGRESS = {phase: ENDED - number for number, phase in enumerate(reversed(BuildPhase))}
WAITS, GOES_ON = PROGRESS[BuildPhase.WAITING], PROGRESS[BuildPhase.STARTED]
NEWEST = select(builds.c.noun).order_by(builds.c.started.desc())
SEEN = select(tags.c.digests).where(tags.c.repository == bindparam("repository"))
UNTOLD = select(builds.c.noun).where(builds.c.told.is_(False)).order_by(builds.c.started)
TOLD = update(builds).where(builds.c.key == bindparam("its_key"), builds.c.noun == bindparam("as_it_was"))
JOBS = select(builds.c.job).distinct()


class SqlNews(Part):
    @cached_property
    def _save_build(self) -> Executable:
        columns = [c.name for c in builds.c if not c.primary_key]
        return self._db.upsert(builds, columns, only=_is_news).returning(builds.c.key)

    @cached_property
    def _announce_once(self) -> Executable:
        return self._db.insert_once(announcements)

    @cached_property
    def _save_tags(self) -> Executable:
        return self._db.upsert(tags, ["digests"], only=lambda new: tags.c.digests != new.digests)

    @cached_property
    def _put_off(self) -> Executable:
        return self._db.upsert(put_off, ["noun"])

    def save_build(self, build: Build) -> bool:
        row = {
            "key": build.key,
            "job": build.job,
            "started": moment(build.started),
            "progress": PROGRESS[build.phase],
            "ended": 0 if build.ends_once else moment(build.ended),
            "told": False,
            "noun": encode(build),
        }
        with self._db.write() as connection:
            return connection.execute(self._save_build, row).first() is not None

    def builds(self, jobs: Sequence[str] = (), limit: int = 20) -> list[Build]:
        with self._db.read() as connection:
            statement = NEWEST.limit(limit)
            if jobs:
                known = connection.scalars(JOBS).all()
                statement = statement.where(builds.c.job.in_([job for job in known if _matches(job, jobs)]))
            return [read_build(noun) for noun in connection.scalars(statement)]

    def untold_builds(self, limit: int = 50) -> list[Build]:
        with self._db.read() as connection:
            return [read_build(noun) for noun in connection.scalars(UNTOLD.limit(limit))]

    def build_told(self, build: Build) -> None:
        with self._db.write() as connection:
            connection.execute(TOLD.values(told=True), {"its_key": build.key, "as_it_was": encode(build)})

    def announce_once(self, key: str, at: datetime) -> bool:
        with self._db.write() as connection:
            return connection.execute(self._announce_once, {"key": key, "at": moment(at)}).first() is not None

    def tags_seen(self, repository: str) -> dict[str, str] | None:
        with self._db.read() as connection:
            text = connection.scalar(SEEN, {"repository": repository})
        return read_tags(text) if text else None

    def save_tags(self, repository: str, tags: dict[str, str]) -> None:
        with self._db.write() as connection:
            connection.execute(self._save_tags, {"repository": repository, "digests": encode(tags)})

    def put_off(self, found: TagFound, environment: str) -> None:
        row = {"service": found.service, "environment": environment, "noun": encode(found)}
        with self._db.write() as connection:
            connection.execute(self._put_off, row)

    def waiting_deploys(self) -> list[tuple[TagFound, str]]:
        with self._db.read() as connection:
            rows = connection.execute(select(put_off.c.noun, put_off.c.environment).order_by(put_off.c.service)).all()
        return [(read_found(noun), environment) for noun, environment in rows]

    def taken_up(self, found: TagFound, environment: str) -> None:
        gone = delete(put_off).where(
            put_off.c.service == found.service,
            put_off.c.environment == environment,
            put_off.c.noun == encode(found),
        )
        with self._db.write() as connection:
            connection.execute(gone)


def _is_news(new: Excluded) -> ColumnElement[bool]:
    """It got on; or, later, it ended again, since somebody started it anew under its number, or goes on after a wait.

    That it was started again is not told: a first start that comes late, without its time, looks the same.
    """
    again = and_(builds.c.progress == ENDED, new.progress == ENDED)
    on = and_(builds.c.progress == WAITS, new.progress == GOES_ON)
    late = and_(builds.c.progress == GOES_ON, new.progress == WAITS, new.ended < builds.c.ended)
    further = and_(builds.c.progress < new.progress, not_(late))
    return or_(further, and_(or_(again, on), new.ended > builds.c.ended))


def _matches(job: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(job, pattern) for pattern in patterns)
