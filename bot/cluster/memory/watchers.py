"""Who wants to hear what happens. Each hears everything in order, outside the cluster's lock."""

from collections import deque
from collections.abc import Mapping

from bot.cluster import Notice, Sight, Sighting
from bot.cluster.memory import view
from bot.cluster.memory.state import Item
from bot.cluster.memory.world import Thing, World
from bot.core.workload import Pod, Workload

MOST = 10_000


class Watcher:
    """One `watch`. Too much unheard counts as a gap: everything is then told again, the gone ones too."""

    def __init__(self, places: Mapping[str, str], notice: Notice) -> None:
        self.environments = {namespace: environment for environment, namespace in places.items()}
        self.gap = False
        self.listening = False
        self._notice = notice
        self._queue: deque[Sighting] = deque()
        self._told: dict[str, Workload | Pod] = {}

    def enqueue(self, sighting: Sighting) -> None:
        if len(self._queue) >= MOST:
            self._queue.clear()
            self.gap = True
        self._queue.append(sighting)

    def take(self) -> list[Sighting]:
        taken = list(self._queue)
        self._queue.clear()
        return taken

    def relist(self, present: list[Workload | Pod]) -> list[Sighting]:
        """What closes a gap: the end of what is no longer there, then all that is."""
        self._queue.clear()
        self.gap = False
        there = {_key(thing) for thing in present}
        gone = [self.sighting(Sight.GONE, thing) for key, thing in self._told.items() if key not in there]
        return gone + [self.sighting(Sight.SEEN, thing) for thing in present]

    def sighting(self, what: Sight, thing: Workload | Pod) -> Sighting:
        return Sighting(what, thing, self.environments[_namespace(thing)])

    def tell(self, sightings: list[Sighting]) -> None:
        for sighting in sightings:
            key = _key(sighting.thing)
            if sighting.what is Sight.GONE:
                self._told.pop(key, None)
            else:
                self._told[key] = sighting.thing
            self._notice(sighting)


class Watchers:
    """Touched only under the cluster's lock, `Watcher.tell` excepted."""

    def __init__(self, cluster: str) -> None:
        self.hidden = ""
        self._cluster = cluster
        self._all: list[Watcher] = []

    def add(self, watcher: Watcher) -> None:
        self._all.append(watcher)

    def publish(self, world: World) -> None:
        for thing, there in world.news.values():
            for watcher in self._all:
                if thing.namespace in watcher.environments:
                    watcher.enqueue(
                        watcher.sighting(Sight.SEEN if there else Sight.GONE, self._as_noun(thing, watcher))
                    )
        world.news.clear()

    def pending(self, world: World) -> list[tuple[Watcher, list[Sighting]]]:
        """Who has something to hear; nobody, where nothing happened or all is hidden."""
        if self.hidden:
            return []
        waiting = [(w, w.relist(self.present(world, w)) if w.gap else w.take()) for w in self._all if w.listening]
        return [(watcher, sightings) for watcher, sightings in waiting if sightings]

    def present(self, world: World, watcher: Watcher) -> list[Workload | Pod]:
        things: list[Thing] = [*world.items.values(), *world.pods.values()]
        return [self._as_noun(t, watcher) for t in things if t.namespace in watcher.environments]

    def break_off(self) -> None:
        for watcher in self._all:
            watcher.gap = True

    def _as_noun(self, thing: Thing, watcher: Watcher) -> Workload | Pod:
        if isinstance(thing, Item):
            return view.workload(thing, watcher.environments[thing.namespace], self._cluster)
        return view.pod(thing)


def _key(thing: Workload | Pod) -> str:
    if isinstance(thing, Pod):
        return f"Pod/{thing.namespace}/{thing.name}"
    return f"{thing.target.kind}/{thing.target.namespace}/{thing.target.name}/{thing.uid}"


def _namespace(thing: Workload | Pod) -> str:
    return thing.namespace if isinstance(thing, Pod) else thing.target.namespace
