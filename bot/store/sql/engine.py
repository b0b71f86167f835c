"""The database behind the store: one engine, two ways in, and the edge that vendor errors never cross."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import URL, ColumnElement, Connection, Engine, Executable, Table, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError

from bot.core.errors import Refused, Unavailable
from bot.store.sql.failures import busy, mapped

WAIT = 10
CONNECTIONS = 5
# A commit is on a person's way, the fsync of a checkpoint is not: at SQLite's own 1000 one order in eighty met one.
PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "wal_autocheckpoint=8000")
# The server ends what this side forgot, and a peer that died without a word is noticed.
POSTGRESQL_OPTIONS = f"-c statement_timeout={WAIT}s -c lock_timeout={WAIT}s -c idle_in_transaction_session_timeout=30s"
POSTGRESQL_ARGUMENTS = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": WAIT * 1000,
}

Insert = sqlite.Insert | postgresql.Insert
Excluded = Any
Only = Callable[[Excluded], ColumnElement[bool]]


class Database:
    """Reads are single statements and take no transaction; writes take one each, on SQLite one at a time."""

    def __init__(self, url: str) -> None:
        self._url = understand(url)
        self.is_sqlite = self._url.get_backend_name() == "sqlite"
        self._engine = _sqlite(self._url) if self.is_sqlite else _postgresql(self._url)
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
            raise Unavailable("The folder of the store cannot be made.", fact=f"{folder}: {error.strerror}.") from error

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with mapped(), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """All of it or nothing: whatever leaves this block by an error is rolled back."""
        with mapped(), self._one_writer(), self._engine.connect() as connection:
            if self.is_sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            connection.commit()

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


def understand(url: str) -> URL:
    """Never repeats the address: it may hold a password."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = URL.create("nothing")
    if parsed.drivername in ("postgresql", "postgresql+psycopg"):
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername != "sqlite":
        raise Refused(
            "The address of the store is neither of SQLite nor of PostgreSQL.",
            hint="sqlite:///data/quarterdeck.db or postgresql+psycopg://user@host/database",
        )
    if parsed.database in (None, "", ":memory:"):
        raise Refused("The store needs a file: in memory it would forget.", hint="sqlite:///data/quarterdeck.db")
    return parsed


def _sqlite(url: URL) -> Engine:
    arguments = {"timeout": WAIT, "isolation_level": None, "check_same_thread": False}
    engine = create_engine(url, connect_args=arguments, pool_size=CONNECTIONS, pool_timeout=WAIT, hide_parameters=True)
    event.listen(engine, "connect", _pragmas)
    return engine


def _pragmas(connection: Any, _record: object) -> None:
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").close()


def _postgresql(url: URL) -> Engine:
    options = f"{POSTGRESQL_OPTIONS} {url.query.get('options', '')}"
    try:
        return create_engine(
            url,
            connect_args=POSTGRESQL_ARGUMENTS | {"options": options},
            pool_size=CONNECTIONS,
            pool_timeout=WAIT,
            pool_pre_ping=True,
            hide_parameters=True,
        )
    except ImportError as error:
        raise Refused(
            "PostgreSQL needs a driver that is not here.", hint="pip install 'quarterdeck[postgresql]'"
        ) from error
