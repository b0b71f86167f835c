"""A long outbox, as after a night without its platform: what is asked for each message must not grow with all of them.

Counted in steps of SQLite's machine, since a time says nothing on a machine that is busy.
"""

import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.core.model import Message, Place, Reply
from bot.store.sql import SqlStore
from bot.store.sql.codec import moment
from bot.store.sql.tables import messages
from tests.databases import new_database

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
MANY = 2_000
EACH = 200
"""Steps for one row; to look at all rows for each of them takes some ten thousand."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    store = SqlStore(new_database(tmp_path / "queue.db"))
    store.put_message(Message("first", Place("slack", "C1"), Reply("said in the night")))
    with store._db.write() as connection:
        row = dict(connection.execute(messages.select()).one()._mapping)
        others = [{**row, "key": f"k{number}", "turn": number} for number in range(2, MANY)]
        connection.execute(messages.insert(), others)
    yield store
    store.close()


def steps(store: SqlStore, ask: Callable[[], object]) -> int:
    count = 0

    def passed() -> int:
        nonlocal count
        count += 1
        return 0

    with store._db.read() as connection:
        inner = connection.connection.driver_connection
        assert isinstance(inner, sqlite3.Connection)
    inner.set_progress_handler(passed, 1_000)
    try:
        ask()
    finally:
        inner.set_progress_handler(None, 0)
    return 1_000 * count


ASKED: dict[str, Callable[[SqlStore], object]] = {
    "waiting_channels": lambda s: s.waiting_channels("slack", NOW),
    "waiting_messages": lambda s: s.waiting_messages("slack", "C1", NOW),
    "next_due": lambda s: s.next_due("slack"),
    "backlog": lambda s: s.backlog("slack", NOW),
}


@pytest.mark.parametrize("asked", ASKED)
def test_a_long_queue_is_not_looked_through_for_each_of_its_messages(store: SqlStore, asked: str) -> None:
    assert 0 < steps(store, lambda: ASKED[asked](store)) < EACH * MANY


@pytest.mark.parametrize("asked", ASKED)
def test_nor_where_all_of_it_waits_for_its_retry(store: SqlStore, asked: str) -> None:
    """Edits do not hold each other up: when a platform is away, each of them waits by itself."""
    with store._db.write() as connection:
        later = moment(NOW + timedelta(minutes=1))
        connection.execute(messages.update().values(retry_at=later, message="1.0", stands_in="C1"))
    assert 0 < steps(store, lambda: ASKED[asked](store)) < EACH * MANY
