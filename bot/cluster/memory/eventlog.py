"""The cluster's events: repeated ones counted, old ones forgotten, as the API server does."""

from datetime import datetime, timedelta

from msgspec.structs import replace

from bot.core.workload import ClusterEvent

KEPT = timedelta(hours=1)
MOST = 5000
BURST = 25
"""The node stops repeating itself after this many: a count is not a measure."""

Key = tuple[str, str, str, str | None, str, str]
Thing = tuple[str, str, str]


class EventLog:
    """The oldest first, and by the thing they are about: a crowd in trouble asks for its own again and again."""

    def __init__(self) -> None:
        self._events: dict[Key, ClusterEvent] = {}
        self._about: dict[Thing, dict[Key, ClusterEvent]] = {}

    def record(self, namespace: str, event: ClusterEvent) -> None:
        key = (namespace, event.kind, event.name, event.container, event.reason, event.message)
        known = self._events.pop(key, None)
        if known is not None and known.count < BURST:
            known = replace(known, count=known.count + 1, at=event.at)
        self._events[key] = self._about.setdefault(key[:3], {})[key] = known or event
        if len(self._events) > MOST:
            self._forget(next(iter(self._events)))

    def about(self, namespace: str, things: set[tuple[str, str]], now: datetime) -> list[ClusterEvent]:
        """Newest last."""
        theirs = (self._about.get((namespace, *thing), {}) for thing in sorted(things))
        return sorted((e for events in theirs for e in events.values() if now - e.at <= KEPT), key=lambda e: e.at)

    def _forget(self, key: Key) -> None:
        del self._events[key]
        about = self._about[key[:3]]
        del about[key]
        if not about:
            del self._about[key[:3]]
