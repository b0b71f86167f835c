"""The seals of the audit as they lie in the database: over every column, so that no search can be misled either."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, text

from bot.core.chain import Head, Link, seal
from bot.store.sql.codec import encode

PAGE = 1_000
LOWEST = -(2**63)
COLUMNS = ("at", "service", "who", "verb", "outcome", "noun")
_PAGE = text(
    f"SELECT number, {', '.join(COLUMNS)}, seal FROM audit WHERE number > :last ORDER BY number LIMIT {PAGE}"  # noqa: S608
)
_SEAL = text("UPDATE audit SET verb = :verb, outcome = :outcome, seal = :seal WHERE number = :number")
_HEAD = text("UPDATE audit_head SET number = :number, seal = :seal")


def sealed_text(row: dict[str, Any]) -> str:
    return encode([row[name] for name in COLUMNS])


def links(connection: Connection) -> Iterator[Link]:
    for page in _pages(connection):
        for row in page:
            yield Link(row.number, sealed_text(row._asdict()), row.seal)


def seal_what_stands(connection: Connection) -> None:
    """A step of the schema: what was recorded before there were seals is sealed as it stands."""
    head = Head()
    for page in _pages(connection):
        rows: list[dict[str, Any]] = []
        for row in page:
            noun = json.loads(row.noun)
            whole = row._asdict() | {"verb": noun["verb"], "outcome": noun["outcome"]}
            head = Head(row.number, seal(head.seal, row.number, sealed_text(whole)))
            rows.append(whole | {"seal": head.seal})
        connection.execute(_SEAL, rows)
    connection.execute(_HEAD, {"number": head.number, "seal": head.seal})


def _pages(connection: Connection) -> Iterator[Sequence[Row[Any]]]:
    last = LOWEST
    while page := connection.execute(_PAGE, {"last": last}).all():
        yield page
        last = page[-1].number
