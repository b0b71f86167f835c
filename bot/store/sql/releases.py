"""Releases by service and by every name they go by, and the commits that were told of."""

from collections.abc import Collection, Sequence
from functools import cached_property

from sqlalchemy import Connection, Executable, bindparam, select, update

from bot.core.events import Commit
from bot.core.release import Release
from bot.core.workload import SHORT
from bot.store.sql.codec import encode, moment, reader
from bot.store.sql.engine import Part
from bot.store.sql.tables import books, commits, release_names, releases

read_release = reader(Release)
read_commit = reader(Commit)

EDITION = select(books.c.edition).where(books.c.service == bindparam("its_service"))
NAMED = select(release_names.c.release).where(
    release_names.c.name.in_(bindparam("names", expanding=True)), release_names.c.service == bindparam("its_service")
)
FOUND = select(releases.c.noun).where(releases.c.key.in_(NAMED)).order_by(releases.c.opened)
# By range and not by pattern, so that the index serves.
BEGINNING_SO = select(commits.c.noun).where(commits.c.revision.between(bindparam("first"), bindparam("last"))).limit(20)
TURN = (
    update(books)
    .where(books.c.service == bindparam("its_service"), books.c.edition == bindparam("its_edition"))
    .values(edition=books.c.edition + 1)
    .returning(books.c.edition)
)


class SqlReleases(Part):
    @cached_property
    def _first_edition(self) -> Executable:
        return self._db.insert_once(books)

    @cached_property
    def _save_release(self) -> Executable:
        return self._db.upsert(releases, ["gone", "noun"])

    @cached_property
    def _save_name(self) -> Executable:
        return self._db.insert(release_names).on_conflict_do_nothing()

    @cached_property
    def _save_commit(self) -> Executable:
        return self._db.upsert(commits, ["noun"])

    def read_book(self, service: str, names: Collection[str]) -> tuple[int, list[Release]]:
        """The edition comes first: what is read after it can only be too new, which the writing refuses."""
        asked = {"its_service": service, "names": sorted(names)}
        with self._db.read() as connection:
            edition = connection.scalar(EDITION, {"its_service": service}) or 0
            return edition, [read_release(noun) for noun in connection.scalars(FOUND, asked)]

    def write_book(self, service: str, edition: int, releases: Sequence[Release]) -> bool:
        with self._db.write() as connection:
            if not self._turn(connection, service, edition):
                return False
            for release in releases:
                connection.execute(self._save_release, _row(release))
                names = [{"name": n, "service": service, "release": release.key} for n in sorted(release.index())]
                connection.execute(self._save_name, names)
        return True

    def releases(self, service: str, limit: int = 20) -> list[Release]:
        shown = select(releases.c.noun).where(releases.c.service == service, releases.c.gone.is_(False))
        with self._db.read() as connection:
            newest = shown.order_by(releases.c.opened.desc()).limit(limit)
            return [read_release(noun) for noun in connection.scalars(newest)]

    def services_of(self, name: str) -> list[str]:
        found = select(release_names.c.service).where(release_names.c.name == name).distinct()
        with self._db.read() as connection:
            return sorted(connection.scalars(found))

    def save_commit(self, commit: Commit) -> None:
        row = {"key": commit.key, "revision": commit.revision, "at": moment(commit.at), "noun": encode(commit)}
        with self._db.write() as connection:
            connection.execute(self._save_commit, row)

    def commits(self, revision: str) -> list[Commit]:
        if len(revision) < SHORT:
            return []
        asked = {"first": revision, "last": f"{revision}g"}
        with self._db.read() as connection:
            return [read_commit(noun) for noun in connection.scalars(BEGINNING_SO, asked)]

    def _turn(self, connection: Connection, service: str, edition: int) -> bool:
        row = {"its_service": service, "its_edition": edition}
        turn = self._first_edition if edition == 0 else TURN
        row = {"service": service, "edition": 1} if edition == 0 else row
        return connection.execute(turn, row).first() is not None


def _row(release: Release) -> dict[str, object]:
    return {
        "key": release.key,
        "service": release.service,
        "opened": moment(release.opened),
        "gone": bool(release.into),
        "noun": encode(release),
    }
