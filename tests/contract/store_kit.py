"""What the store's contract is tested with: each database it runs on, made anew for every test."""

import os
import pwd
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from subprocess import run

import psycopg
import pytest

from bot.store.sql import SqlStore
from tests.databases import new_database
from tests.servers.find import server
from tests.servers.process import Process
from tests.servers.require import each, or_skip

IMPLEMENTATIONS = each(("sqlite", "postgresql"), {"postgresql": "postgres"})
UNPRIVILEGED = DATABASE = "postgres"
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200", "listen_addresses=")
_numbers = count(1)


@dataclass
class Stores:
    """One database; every `open` is one more replica on it, closed when the test ends."""

    implementation: str
    url: str
    stored: Callable[[], bytes]
    empty: Callable[[], object]
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

    def url(self, schema: str) -> str:
        return f"postgresql+psycopg://{UNPRIVILEGED}@/{DATABASE}?host={self.folder}&options=-csearch_path%3D{schema}"

    def connect(self) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(host=str(self.folder), user=UNPRIVILEGED, dbname=DATABASE, autocommit=True)

    def answers(self) -> bool:
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def create(self) -> str:
        """A schema of its own, which is made a hundred times as fast as a database."""
        name = f"test_{next(_numbers)}"
        self.run(f"CREATE SCHEMA {name}")
        return name

    def empty(self, name: str) -> None:
        self.run(f"DROP SCHEMA {name} CASCADE; CREATE SCHEMA {name}")

    def run(self, statement: str) -> None:
        with self.connect() as connection:
            connection.execute(statement.encode())

    def dump(self, schema: str) -> bytes:
        with self.connect() as connection:
            tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", (schema,)).fetchall()
            asked = (f'SELECT t::text FROM {schema}."{name}" t' for (name,) in tables)
            rows = [connection.execute(each.encode()).fetchall() for each in asked]
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
    return Stores("sqlite", new_database(file), partial(_bytes, file.parent), file.unlink)


def _bytes(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


def _on_postgresql(request: pytest.FixtureRequest) -> Stores:
    running: PostgresServer = request.getfixturevalue("postgres_server")
    name = running.create()
    return Stores("postgresql", running.url(name), partial(running.dump, name), partial(running.empty, name))


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
