"""The seals of the audit as they lie in the database: over every column, so that no search can be misled either."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, TextClause, text

from bot.core.chain import Head, Link, seal
from bot.store.sql.codec import encode

PAGE = 1_000
LOWEST = -(2**63)
COLUMNS = ("at", "service", "who", "verb", "outcome", "noun")
_FROM = f"FROM audit WHERE number > :last ORDER BY number LIMIT {PAGE}"
_SEALED = text(f"SELECT number, {', '.join(COLUMNS)}, seal {_FROM}")
_KEYED = text(f"SELECT number, {', '.join(COLUMNS)}, seal, request {_FROM}")
_SEAL = text("UPDATE audit SET verb = :verb, outcome = :outcome, seal = :seal WHERE number = :number")
_HEAD = text("UPDATE audit_head SET number = :number, seal = :seal")


def sealed_text(row: dict[str, Any]) -> str:
    return encode([row[name] for name in COLUMNS])


def links(connection: Connection) -> Iterator[Link]:
    """Under another order's key it would keep what becomes of that order out of the record."""
    for page in _pages(connection, _KEYED):
        for row in page:
            yield Link(row.number, sealed_text(row._asdict()) if _is_its_own(row) else "", row.seal)


def _is_its_own(row: Row[Any]) -> bool:
    """The key itself is not sealed: what was recorded before there were keys has none."""
    return row.request is None or f'"request":{encode(row.request)}' in row.noun


def seal_what_stands(connection: Connection) -> None:
    """A step of the schema: what was recorded before there were seals is sealed as it stands."""
    head = Head()
    for page in _pages(connection, _SEALED):
        rows: list[dict[str, Any]] = []
        for row in page:
            noun = json.loads(row.noun)
            whole = row._asdict() | {"verb": noun["verb"], "outcome": noun["outcome"]}
            head = Head(row.number, seal(head.seal, row.number, sealed_text(whole)))
            rows.append(whole | {"seal": head.seal})
        connection.execute(_SEAL, rows)
    connection.execute(_HEAD, {"number": head.number, "seal": head.seal})


def _pages(connection: Connection, statement: TextClause) -> Iterator[Sequence[Row[Any]]]:
    last = LOWEST
    while page := connection.execute(statement, {"last": last}).all():
        yield page
        last = page[-1].number
