"""What `make test` leaves to `make check`, in one line: which suites, on which servers, and whether those are there."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.servers.find import there

Left = set[tuple[str, str]]
_LEFT = pytest.StashKey[Left]()


def left_by(config: pytest.Config) -> Left:
    return config.stash.setdefault(_LEFT, set())


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    """Told in each worker; which of them tells it is of no matter."""
    found = {(item.path, name) for item in items for mark in item.iter_markers("server") for name in mark.args}
    if items:
        left_by(items[0].config).update((suite_of(path), name) for path, name in found)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left"] = sorted(left_by(session.config))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    left_by(node.config).update(map(tuple, node.workeroutput.get("left", ())))


def left(found: Iterable[tuple[str, str]]) -> str:
    """Empty when nothing was left."""
    suites: dict[str, list[str]] = defaultdict(list)
    for suite, name in sorted(found):
        suites[suite].append(name)
    if not suites:
        return ""
    said = ", ".join(f"{suite} ({', '.join(names)})" for suite, names in suites.items())
    missing = [name for name in sorted({name for names in suites.values() for name in names}) if not there(name)]
    first = f" make servers first gets {', '.join(missing)}." if missing else ""
    return f"LEFT to make check, on real servers: {said}.{first}"


def suite_of(path: Path) -> str:
    """`tests/contract/test_store_races.py` is of `store`."""
    return path.stem.split("_")[1]
