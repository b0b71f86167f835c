"""`quarterdeck audit`: does the record hold, and all of it as lines of JSON."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.__main__ import main
from bot.clock import SystemClock
from bot.core.words import duration
from bot.store.sql import SqlStore
from tests.contract.store_nouns import NOW, SECOND, entry

CONFIG = """
store: sqlite:///{folder}/audit.db
clusters: {{main: {{simulated: true}}}}
environments: {{staging: {{cluster: main, namespace: a}}}}
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "bot.yaml"
    path.write_text(CONFIG.format(folder=tmp_path), "utf-8")
    return path


@pytest.fixture
def store(config: Path) -> Iterator[SqlStore]:
    store = SqlStore(f"sqlite:///{config.parent}/audit.db")
    store.migrate()
    yield store
    store.close()


def spoil(config: Path, statement: str) -> None:
    with closing(sqlite3.connect(config.parent / "audit.db")) as connection, connection:
        connection.execute(statement)


def verify(config: Path) -> int:
    return main(["audit", "verify", "--config", str(config)])


def test_a_record_that_holds(store: SqlStore, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store.record(entry())
    store.record(entry(at=NOW + SECOND))
    assert verify(config) == 0
    said = capsys.readouterr().out
    assert said.startswith("✓ The audit holds: 2 entries")
    assert store.audit_head().seal in said


@pytest.mark.parametrize(
    ("statement", "number"),
    [
        ("UPDATE audit SET outcome = 'applied' WHERE number = 2", 2),
        ("DELETE FROM audit WHERE number = 2", 3),
        ("DELETE FROM audit WHERE number = 3", 3),
    ],
)
def test_one_that_does_not(
    store: SqlStore, config: Path, capsys: pytest.CaptureFixture[str], statement: str, number: int
) -> None:
    for step in range(3):
        store.record(entry(at=NOW + step * SECOND))
    spoil(config, statement)
    assert verify(config) == 1
    assert capsys.readouterr().out.startswith(f"✗ The audit is broken at entry {number}")


def test_a_store_that_was_never_set_up_is_no_good_audit(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(config) == 2
    assert "The store has not been set up." in capsys.readouterr().err


def test_the_export_holds_who_where_what_and_the_seal(
    store: SqlStore, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    long_ago = replace(entry(), at=SystemClock().now() - duration("30d"))
    store.record(replace(entry(), at=SystemClock().now(), request="C024BE91L:2"))
    store.record(long_ago)
    assert main(["audit", "export", "--config", str(config)]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["number"] for line in lines] == [1, 2]
    assert lines[1]["seal"] == store.audit_head().seal
    told = lines[1]["entry"]
    assert (told["who"]["name"], told["who"]["email"]) == ("dev1", "Dev1@example.com")
    assert told["place"]["channel"] == "C024BE91L"
    assert [told[key] for key in ("service", "environment", "before", "after", "rule", "outcome", "request")] == [
        *("adderservice", "production", "9ab01de", "3f2a91c", "role", "done", "C024BE91L:1")
    ]
    assert main(["audit", "export", "--since", "7d", "--config", str(config)]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1
    assert main(["audit", "export", "--since", "2001-01-01", "--config", str(config)]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_a_since_that_is_none(store: SqlStore, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "export", "--since", "ever", "--config", str(config)]) == 2
    assert "ever is no length of time, and no moment." in capsys.readouterr().err
