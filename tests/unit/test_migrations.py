"""The schema: what the migrations make is what the statements expect, once, and never backwards."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import inspect

from bot.core.errors import Refused, Unavailable
from bot.store.sql.engine import Database
from bot.store.sql.migrations import MIGRATIONS, migrate
from bot.store.sql.tables import announcements


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/new/folder/quarterdeck.db")
    yield database
    database.close()


def test_a_first_start_makes_the_folder_and_the_schema(database: Database, tmp_path: Path) -> None:
    assert migrate(database) == len(MIGRATIONS)
    assert (tmp_path / "new" / "folder").stat().st_mode & 0o077 == 0


def test_a_file_that_cannot_be_opened_is_named_with_who_tried(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as refused:
        migrate(Database(f"sqlite:///{tmp_path}"))
    assert refused.value.sentence == "The file of the store cannot be opened."
    assert refused.value.fact == f"{tmp_path}, as user {os.getuid()}."
    assert refused.value.hint.startswith("That user must be able to write")


def test_migrating_again_changes_nothing(database: Database) -> None:
    migrate(database)
    with database.write() as connection:
        connection.execute(announcements.insert(), {"key": "a", "at": 1})
    assert migrate(database) == len(MIGRATIONS)
    with database.read() as connection:
        assert connection.execute(announcements.select()).all() == [("a", 1)]


def test_each_step_runs_once_and_in_order(database: Database) -> None:
    first = ["CREATE TABLE one (a TEXT)"]
    second = ["ALTER TABLE one ADD COLUMN b TEXT", "CREATE TABLE two (number {serial})"]
    assert migrate(database, [first]) == 1
    assert migrate(database, [first, second]) == 2
    assert migrate(database, [first, second]) == 2
    with database.read() as connection:
        assert [column["name"] for column in inspect(connection).get_columns("one")] == ["a", "b"]
        assert connection.exec_driver_sql("SELECT number FROM schema_version").scalars().all() == [1, 2]


def test_a_step_that_fails_leaves_the_schema_as_it_was(database: Database) -> None:
    broken = ["CREATE TABLE three (a TEXT)", "CREATE TABLE one (a TEXT)"]
    migrate(database, [["CREATE TABLE one (a TEXT)"]])
    with pytest.raises(Unavailable):
        migrate(database, [["CREATE TABLE one (a TEXT)"], broken])
    with database.read() as connection:
        assert set(inspect(connection).get_table_names()) == {"one", "schema_version"}


def test_a_database_newer_than_the_program_is_refused(database: Database) -> None:
    migrate(database, [*MIGRATIONS, ["CREATE TABLE later (a TEXT)"]])
    with pytest.raises(Refused) as caught:
        migrate(database)
    newer, known = len(MIGRATIONS) + 1, len(MIGRATIONS)
    assert caught.value.sentence == (
        f"The database is from a newer program: its schema is {newer}, this one knows {known}."
    )
