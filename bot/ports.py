"""What a command may hold: the ports and the present catalogue. It knows Protocols, never a vendor."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.cluster import Cluster
from bot.core.catalogue import Catalogue, Environment
from bot.core.clock import Clock
from bot.registry import Registry
from bot.store import Store


@dataclass(frozen=True, slots=True)
class Ports:
    """`current` returns the one snapshot that stands now: ask it each time, keep no piece of it."""

    current: Callable[[], Catalogue]
    clusters: Mapping[str, Cluster]
    registry: Registry
    store: Store
    clock: Clock

    @property
    def catalogue(self) -> Catalogue:
        return self.current()

    def cluster(self, environment: Environment) -> Cluster:
        return self.clusters[environment.cluster]
