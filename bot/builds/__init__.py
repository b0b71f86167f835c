"""The BuildSource port: what continuous integration says."""

from collections.abc import Mapping
from typing import Protocol

from bot.core.events import Build


class BuildSource(Protocol):
    @property
    def name(self) -> str: ...

    def read(self, headers: Mapping[str, str], body: bytes) -> list[Build]:
        """Verify, then the builds it tells of. Unverified; an empty list for what does not concern us."""
