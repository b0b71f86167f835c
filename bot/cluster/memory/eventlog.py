"""The cluster's events: repeated ones counted, old ones forgotten, as the API server does."""

from datetime import datetime, timedelta

from msgspec.structs import replace

from bot.core.workload import ClusterEvent

KEPT = timedelta(hours=1)
MOST = 5000
BURST = 25
"""The node stops repeating itself after this many: a count is not a measure."""

Key = tuple[str, str, str, str | None, str, str]


class EventLog:
    def __init__(self) -> None:
        self._events: dict[Key, ClusterEvent] = {}

    def record(self, namespace: str, event: ClusterEvent) -> None:
        key = (namespace, event.kind, event.name, event.container, event.reason, event.message)
        known = self._events.pop(key, None)
        if known is not None and known.count < BURST:
            known = replace(known, count=known.count + 1, at=event.at)
        self._events[key] = known or event
        if len(self._events) > MOST:
            self._events.pop(next(iter(self._events)))

    def about(self, namespace: str, things: set[tuple[str, str]], now: datetime) -> list[ClusterEvent]:
        """Newest last."""
        found = [
            e
            for (where, kind, name, *_), e in self._events.items()
            if where == namespace and (kind, name) in things and now - e.at <= KEPT
        ]
        return sorted(found, key=lambda e: e.at)
