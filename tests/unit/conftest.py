"""Fixtures of the talking tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.talk import ROLES, Talk, talking


@pytest.fixture
def bot(tmp_path: Path) -> Iterator[Talk]:
    with talking(tmp_path) as talk:
        yield talk


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Talk]:
    """The same with roles: dev1 may deploy to staging, nobody else may change anything."""
    with talking(tmp_path, more=ROLES) as talk:
        yield talk
