"""The database behind the store: one engine, two ways in, and the edge that vendor errors never cross."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import ColumnElement, Connection, Executable, Table, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.core.errors import Unavailable
from bot.store.sql.connect import WAIT, postgresql_engine, sqlite_engine, understand
from bot.store.sql.failures import UNOPENED, busy, mapped

WRITABLE = "That user must be able to write the file and its folder."
ALONE = select(func.pg_try_advisory_xact_lock(func.hashtextextended(bindparam("name"), 0)))
Insert = sqlite.Insert | postgresql.Insert
Excluded = Any
Only = Callable[[Excluded], ColumnElement[bool]]


class Database:
    """Reads are single statements and take no transaction; writes take one each, on SQLite one at a time."""

    def __init__(self, url: str) -> None:
        self._url = understand(url)
        self.is_sqlite = self._url.get_backend_name() == "sqlite"
        self._engine = sqlite_engine(self._url) if self.is_sqlite else postgresql_engine(self._url)
        self._reader = self._engine if self.is_sqlite else self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._writer = Lock()

    def prepare(self) -> None:
        """A newcomer's first start has no folder yet; what lies in it is nobody else's business."""
        if not self.is_sqlite:
            return
        folder = Path(str(self._url.database)).parent
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise Unavailable(
                "The folder of the store cannot be made.",
                fact=f"{folder}, as user {os.getuid()}: {error.strerror}.",
                hint=WRITABLE,
            ) from error
        self._try()

    def _try(self) -> None:
        """Who starts it reads which file it is, and as whom it was tried: mostly a volume belongs to somebody else."""
        try:
            with self.read():
                pass
        except Unavailable as error:
            if error.sentence == UNOPENED:
                error.fact, error.hint = f"{self._url.database}, as user {os.getuid()}.", WRITABLE
            raise

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with mapped(), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Several reads of one moment, whatever is written meanwhile."""
        with mapped(), self._engine.connect() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN")
                yield connection
            else:
                yield connection.execution_options(isolation_level="REPEATABLE READ")

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """All of it or nothing: whatever leaves this block by an error is rolled back."""
        with mapped(), self._one_writer(), self._engine.connect() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            connection.commit()

    @contextmanager
    def alone(self, name: str) -> Iterator[Callable[[], bool]]:
        """Is nobody else at it? Of several processes one is, and its end is the end of its transaction.

        A connection that was cut has let go of it, and says so when it is asked. Several processes share a PostgreSQL;
        a file is one's own.
        """
        if self.is_sqlite:
            yield lambda: True
            return
        with mapped(), self._engine.connect() as connection:

            def ask() -> bool:
                with mapped():
                    return bool(connection.scalar(ALONE, {"name": name}))

            yield ask

    @contextmanager
    def _one_writer(self) -> Iterator[None]:
        """SQLite's writers poll for the file's lock and starve each other; ours queue for this one."""
        if not self.is_sqlite:
            yield
            return
        if not self._writer.acquire(timeout=WAIT):
            raise busy()
        try:
            yield
        finally:
            self._writer.release()

    def insert(self, table: Table) -> Insert:
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    def insert_once(self, table: Table) -> Executable:
        """Returns a row to whoever comes first, and nothing to everybody else."""
        return self.insert(table).on_conflict_do_nothing().returning(*table.primary_key)

    def upsert(self, table: Table, columns: Sequence[str], only: Only | None = None) -> Insert:
        """`only` decides upon the row that comes (as `excluded`) whether the one that stands gives way."""
        insert = self.insert(table)
        return insert.on_conflict_do_update(
            index_elements=list(table.primary_key),
            set_={name: insert.excluded[name] for name in columns},
            where=only(insert.excluded) if only else None,
        )

    def close(self) -> None:
        self._engine.dispose()


class Part:
    """One concern of the port. Statements are built once and kept, since building costs more than running."""

    def __init__(self, database: Database) -> None:
        self._db = database
