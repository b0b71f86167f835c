"""Each test has a database of its own. What is the same in all of them is done once: the schema, and the statements."""

import tempfile
from collections.abc import Iterator, MutableMapping
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from bot.store.sql import SqlStore

Key = tuple[Any, ...]


@cache
def _migrated() -> bytes:
    with tempfile.TemporaryDirectory(prefix="quarterdeck-") as folder:
        file = Path(folder) / "template.db"
        store = SqlStore(f"sqlite:///{file}")
        store.migrate()
        store.close()
        return file.read_bytes()


def new_database(file: Path) -> str:
    """Its address. The schema is in it already: what makes one is tested by itself."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.write_bytes(_migrated())
    return f"sqlite:///{file}"


class Compiled(MutableMapping[Key, Any]):
    """What was compiled for one database serves all of its kind: a key begins with the dialect, one for each engine."""

    def __init__(self) -> None:
        self._known: dict[Key, Any] = {}

    def __getitem__(self, key: Key) -> Any:
        return self._known[key[0].name, *key[1:]]

    def __setitem__(self, key: Key, compiled: Any) -> None:
        self._known[key[0].name, *key[1:]] = compiled

    def __delitem__(self, key: Key) -> None:
        del self._known[key[0].name, *key[1:]]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


def compile_once() -> None:
    known = Compiled()
    event.listen(Engine, "engine_connect", lambda connection: connection.execution_options(compiled_cache=known))
