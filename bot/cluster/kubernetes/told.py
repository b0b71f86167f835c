"""What the watches told last: an order that knows it from there need not ask for it again."""

from threading import Lock

from bot.cluster import Notice, Sight, Sighting
from bot.core.workload import Kind, Workload

Place = tuple[str, str]


class Told:
    """Nothing here is believed of a workload's state: it only spares questions whose answers do not move."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._last: dict[Place, dict[Kind, Workload]] = {}

    def overhearing(self, notice: Notice) -> Notice:
        def heard(sighting: Sighting) -> None:
            if isinstance(sighting.thing, Workload):
                self._hear(sighting.what, sighting.thing)
            notice(sighting)

        return heard

    def kinds(self, namespace: str, name: str) -> list[Kind]:
        """Which kinds bear the name; all of them, where nothing was told."""
        with self._lock:
            return list(self._last.get((namespace, name), Kind))

    def revision(self, kind: Kind, namespace: str, name: str, template: str) -> int | None:
        """That of a template which its controller had seen."""
        with self._lock:
            found = self._last.get((namespace, name), {}).get(kind)
        settled = found is not None and found.template == template and found.observed >= found.generation
        return found.revision if found and settled and found.revision else None

    def _hear(self, what: Sight, workload: Workload) -> None:
        place = (workload.target.namespace, workload.target.name)
        with self._lock:
            kinds = self._last.setdefault(place, {})
            if what is Sight.SEEN:
                kinds[workload.target.kind] = workload
            else:
                kinds.pop(workload.target.kind, None)
            if not kinds:
                self._last.pop(place, None)
