"""The BuildSource port: what continuous integration says."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from bot.core.events import Build, Commit

Told = Build | Commit


class BuildSource(Protocol):
    @property
    def name(self) -> str: ...

    def read(self, headers: Mapping[str, str], body: bytes) -> Sequence[Told]:
        """Verify, then what it tells of. Unverified; an empty list for what does not concern us."""
