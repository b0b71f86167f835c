"""The AlertSource port: what monitoring says."""

from collections.abc import Mapping
from typing import Protocol

from bot.core.alerts import AlertGroup


class AlertSource(Protocol):
    @property
    def name(self) -> str: ...

    def read(self, headers: Mapping[str, str], body: bytes) -> list[AlertGroup]:
        """Verify, then the groups it tells of. Unverified; an empty list for what does not concern us."""
