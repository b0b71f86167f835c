"""From an address to an engine: what each database must be told, so that no wait is without an end."""

import sqlite3
from time import monotonic, sleep

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from bot.core.errors import Refused

WAIT = 10
CONNECTIONS = 5
# A commit is on a person's way, the fsync of a checkpoint is not: at SQLite's own 1000 one order in eighty met one.
PRAGMAS = ("synchronous=NORMAL", "foreign_keys=ON", "wal_autocheckpoint=8000")
# The server ends what this side forgot, and a peer that died without a word is noticed.
POSTGRESQL_OPTIONS = f"-c statement_timeout={WAIT}s -c lock_timeout={WAIT}s -c idle_in_transaction_session_timeout=30s"
POSTGRESQL_ARGUMENTS = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": WAIT * 1000,
}


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


def sqlite_engine(url: URL) -> Engine:
    arguments = {"timeout": WAIT, "isolation_level": None, "check_same_thread": False}
    engine = create_engine(url, connect_args=arguments, pool_size=CONNECTIONS, pool_timeout=WAIT, hide_parameters=True)
    event.listen(engine, "connect", _pragmas)
    return engine


def _pragmas(connection: sqlite3.Connection, _record: object) -> None:
    _use_wal(connection)
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").close()


def _use_wal(connection: sqlite3.Connection) -> None:
    """The one lock SQLite does not wait for by itself: several first starts at once meet here."""
    deadline = monotonic() + WAIT
    while True:
        try:
            return connection.execute("PRAGMA journal_mode=WAL").close()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or monotonic() > deadline:
                raise
        sleep(0.01)


def postgresql_engine(url: URL) -> Engine:
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
