"""The simulated cluster's own memory. Mutable, and touched only under the lock of its MemoryCluster."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from msgspec import Struct

from bot.cluster.memory.behaviour import Behaviour
from bot.cluster.memory.spec import ContainerSpec, Spec, Template, template_hash
from bot.core.surroundings import Address, Autoscaler, Budget, Usage
from bot.core.workload import Condition, Kind, Run

CREATING = Run("waiting", "ContainerCreating")


@dataclass(eq=False, slots=True)
class History:
    """A template that was wanted once: a ReplicaSet, or the ControllerRevision of the other kinds."""

    name: str
    hash: str
    template: Template
    number: int
    created: datetime
    cause: str = ""
    replicas: int = 0
    failure: str = ""


@dataclass(eq=False, slots=True)
class ContainerState:
    """`agenda` is what the kubelet will do with it, and when; a dead container's plans die with it."""

    spec: ContainerSpec
    behaviour: Behaviour
    now: Run = CREATING
    last: Run | None = None
    ready: bool = False
    restarts: int = 0
    backoffs: int = 0
    agenda: list[tuple[datetime, Callable[[], None]]] = field(default_factory=list)

    @property
    def began(self) -> bool:
        return self.now.state != "waiting" or self.last is not None


@dataclass(eq=False, slots=True)
class PodState:
    name: str
    uid: str
    item: Item
    history: History
    created: datetime
    node: str
    containers: list[ContainerState]
    deleted: datetime | None = None

    @property
    def namespace(self) -> str:
        return self.item.namespace

    @property
    def active(self) -> bool:
        return self.deleted is None

    @property
    def ready(self) -> bool:
        return all(c.ready for c in self.containers)

    @property
    def due(self) -> datetime | None:
        moments = [at for c in self.containers for at, _ in c.agenda]
        return min([*moments, *([self.deleted] if self.deleted else [])], default=None)


class Status(Struct, frozen=True):
    """What the controllers say: written by them alone, compared to know whether there is news."""

    observed: int = 0
    revision: int = 0
    wanted: int = 0
    current: int = 0
    updated: int = 0
    ready: int = 0
    updated_ready: int = 0
    conditions: tuple[Condition, ...] = ()

    def condition(self, kind: str) -> Condition | None:
        return next((c for c in self.conditions if c.type == kind), None)


class Around(Struct, frozen=True):
    """What stands around a workload. `guarded`: a budget's name, and how many pods it wants healthy."""

    autoscaler: Autoscaler | None = None
    addresses: tuple[Address, ...] = ()
    guarded: tuple[str, int] | None = None
    used: dict[str, Usage] = {}


NOTHING_SAID = Status()
ALONE = Around()


@dataclass(eq=False, slots=True)
class Item:
    """One workload. `settled` is a StatefulSet's current revision; `progressed` when the rollout last moved."""

    namespace: str
    spec: Spec
    hash: str
    uid: str
    created: datetime
    changed: datetime
    manager: str
    resource_version: int = 0
    generation: int = 1
    annotations: dict[str, str] = field(default_factory=dict)
    histories: list[History] = field(default_factory=list)
    pods: dict[str, PodState] = field(default_factory=dict)
    status: Status = NOTHING_SAID
    desired: int | None = None
    progressed: datetime | None = None
    settled: History | None = None
    around: Around = ALONE

    @property
    def key(self) -> tuple[str, Kind, str]:
        return self.namespace, self.spec.kind, self.spec.name

    @property
    def current(self) -> History | None:
        return next((h for h in self.histories if h.hash == self.hash), None)

    def active(self, history: History | None = None) -> list[PodState]:
        return [p for p in self.pods.values() if p.active and (history is None or p.history is history)]

    @property
    def budgets(self) -> list[Budget]:
        if self.around.guarded is None:
            return []
        name, needed = self.around.guarded
        healthy = sum(p.ready for p in self.active())
        return [Budget(name, max(0, healthy - needed), healthy, needed)]


def rewrite(item: Item, spec: Spec, manager: str, now: datetime) -> None:
    """Nothing hears of it yet, so that it serves a dry run on a copy too."""
    if spec == item.spec:
        return
    item.spec = spec
    item.hash = template_hash(spec.template)
    item.generation += 1
    item.changed = now
    item.manager = manager
