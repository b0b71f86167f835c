"""What the store's contract is tested with: each database it runs on, made anew for every test."""

import os
import pwd
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from subprocess import run

import psycopg
import pytest

from bot.store.sql import SqlStore
from tests.servers.find import server
from tests.servers.process import Process
from tests.servers.require import each, or_skip

IMPLEMENTATIONS = each(("sqlite", "postgresql"), {"postgresql": "postgres"})
UNPRIVILEGED = "postgres"
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200", "listen_addresses=")
_numbers = count(1)


@dataclass
class Stores:
    """One database; every `open` is one more replica on it, closed when the test ends."""

    implementation: str
    url: str
    stored: Callable[[], bytes]
    opened: list[SqlStore] = field(default_factory=list)

    def open(self) -> SqlStore:
        store = SqlStore(self.url)
        self.opened.append(store)
        store.migrate()
        return store

    def close(self) -> None:
        while self.opened:
            self.opened.pop().close()


@dataclass(frozen=True)
class PostgresServer:
    """On a unix socket in a folder of its own: nobody else on the machine can reach it."""

    folder: Path

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://{UNPRIVILEGED}@/{database}?host={self.folder}"

    def connect(self, database: str = "postgres") -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(host=str(self.folder), user=UNPRIVILEGED, dbname=database, autocommit=True)

    def answers(self) -> bool:
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def create(self) -> str:
        name = f"test_{next(_numbers)}"
        with self.connect() as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return name

    def dump(self, database: str) -> bytes:
        with self.connect(database) as connection:
            tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            rows = [connection.execute(f'SELECT t::text FROM "{name}" t'.encode()).fetchall() for (name,) in tables]
        return repr(rows).encode()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    with or_skip():
        postgres = server("postgres")
    folder = Path(tempfile.mkdtemp(prefix="quarterdeck-"))
    try:
        yield from _serve(postgres, folder)
    finally:
        shutil.rmtree(folder)


@pytest.fixture(params=IMPLEMENTATIONS)
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stores]:
    stores = _on_sqlite(tmp_path) if request.param == "sqlite" else _on_postgresql(request)
    yield stores
    stores.close()


@pytest.fixture
def store(stores: Stores) -> SqlStore:
    return stores.open()


def _on_sqlite(folder: Path) -> Stores:
    file = folder / "data" / "quarterdeck.db"
    return Stores("sqlite", f"sqlite:///{file}", lambda: b"".join(f.read_bytes() for f in file.parent.iterdir()))


def _on_postgresql(request: pytest.FixtureRequest) -> Stores:
    running: PostgresServer = request.getfixturevalue("postgres_server")
    database = running.create()
    return Stores("postgresql", running.url(database), lambda: running.dump(database))


def _serve(postgres: Path, folder: Path) -> Iterator[PostgresServer]:
    """It refuses to run as root; and who changes the user is forgotten by the kernel, so it is told again."""
    user: list[str] = []
    if os.geteuid() == 0:
        account = pwd.getpwnam(UNPRIVILEGED)
        os.chown(folder, account.pw_uid, account.pw_gid)
        user = ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
    data = str(folder / "data")
    create = [str(postgres.parent / "initdb"), "-D", data, "-U", UNPRIVILEGED, "-A", "trust", "-E", "UTF8", "--no-sync"]
    run([*user, *create, "--locale=C.UTF-8"], check=True, capture_output=True, timeout=60, cwd=folder)
    settings = [word for setting in FAST for word in ("-c", setting)]
    stays = [*user, "--pdeathsig=INT"] if user else []
    running = PostgresServer(folder)
    with Process("postgres", [*stays, postgres, "-D", data, "-k", folder, *settings], folder) as process:
        process.wait(running.answers)
        yield running
