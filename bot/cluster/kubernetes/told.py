"""What the watches told last: an order that knows it from there need not ask for it again."""

from collections.abc import Iterable
from threading import Lock

from bot.cluster import Notice, Sight, Sighting
from bot.core.workload import Kind, Workload


class Told:
    """Nothing here is believed of a workload's state: it only spares questions whose answers do not move."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._last: dict[tuple[str, str, Kind], Workload] = {}
        self._whole: set[str] = set()

    def overhearing(self, notice: Notice) -> Notice:
        def heard(sighting: Sighting) -> None:
            if isinstance(sighting.thing, Workload):
                self._hear(sighting.what, sighting.thing)
            notice(sighting)

        return heard

    def kinds(self, namespace: str, name: str) -> list[Kind]:
        """Which kinds bear the name; all of them, where nothing was told."""
        with self._lock:
            return [kind for kind in Kind if (namespace, name, kind) in self._last] or list(Kind)

    def told_all(self, namespaces: Iterable[str]) -> None:
        """All that stood there was told, so what was not is mostly not there."""
        with self._lock:
            self._whole.update(namespaces)

    def names(self, namespace: str) -> list[str] | None:
        """For a hint alone; None where not all was told."""
        with self._lock:
            return [n for space, n, _ in self._last if space == namespace] if namespace in self._whole else None

    def revision(self, kind: Kind, namespace: str, name: str, template: str) -> int:
        """That of a template which its controller had seen; 0 where it is not known."""
        with self._lock:
            found = self._last.get((namespace, name, kind))
        settled = found is not None and found.template == template and found.observed >= found.generation
        return found.revision if found and settled else 0

    def forget(self) -> None:
        """Nobody watches any more, so it would grow old."""
        with self._lock:
            self._last.clear()
            self._whole.clear()

    def _hear(self, what: Sight, workload: Workload) -> None:
        place = (workload.target.namespace, workload.target.name, workload.target.kind)
        with self._lock:
            if what is Sight.SEEN:
                self._last[place] = workload
            else:
                self._last.pop(place, None)
