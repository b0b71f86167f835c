"""The simulated cluster: the demo runs on it, and every test that wants a cluster without having one."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

from msgspec.structs import replace

from bot.cluster import Notice, Preview, names
from bot.cluster.memory import applying, changes, edits, kubelet, logs, view
from bot.cluster.memory.behaviour import Behave, no_opinion
from bot.cluster.memory.edits import Past
from bot.cluster.memory.engine import Engine
from bot.cluster.memory.grounds import Grounds
from bot.cluster.memory.spec import Spec
from bot.cluster.memory.state import ALONE, Around, Item, PodState, rewrite
from bot.cluster.memory.world import Quota, World
from bot.core.clock import Clock
from bot.core.errors import NotFound, QuarterdeckError
from bot.core.model import Cause, Step
from bot.core.surroundings import Address, Autoscaler, Budget, Usage
from bot.core.workload import (
    Action,
    ClusterEvent,
    Image,
    Kind,
    Pod,
    PodName,
    Revision,
    SetImage,
    Target,
    Workload,
)

KUBECTL = "kubectl"


class MemoryCluster(Grounds):
    """First the port, then what other people do to a cluster.

    Every call lets time catch up first, so that a clock moved by hand needs no thread.
    """

    def __init__(self, name: str, clock: Clock, behave: Behave = no_opinion) -> None:
        super().__init__()
        self._name = name
        self._clock = clock
        self._engine = Engine(World(name, clock.now(), behave), clock, name)
        self._faults: deque[QuarterdeckError] = deque(maxlen=100)

    @property
    def name(self) -> str:
        return self._name

    def find(self, environment: str, namespace: str, name: str, kind: Kind | None = None) -> Workload:
        names.check(namespace, name)
        with self._present() as world:
            return self._view(edits.only(world, namespace, name, kind), environment)

    def workloads(self, environment: str, namespace: str) -> list[Workload]:
        names.check(namespace)
        with self._present() as world:
            found = [self._view(i, environment) for i in world.items.values() if i.namespace == namespace]
            return sorted(found, key=lambda w: (w.target.name, w.target.kind))

    def pods(self, workload: Workload) -> list[Pod]:
        with self._present() as world:
            item = _at(world, workload.target)
            states = sorted(item.pods.values(), key=lambda p: (p.created, p.name)) if item else []
            return [view.pod(p) for p in states]

    def events(self, workload: Workload) -> list[ClusterEvent]:
        with self._present() as world:
            item = _at(world, workload.target)
            return world.events.about(item.namespace, _things(item), world.now) if item else []

    def revisions(self, workload: Workload) -> list[Revision]:
        with self._present() as world:
            item = _at(world, workload.target)
            return [view.revision(h, item) for h in item.histories] if item else []

    def logs(self, pod: Pod, container: str, *, previous: bool = False, lines: int = 20) -> list[str]:
        names.check(pod.namespace, pod.name)
        with self._present() as world:
            state = _pod(world, pod.namespace, pod.name)
            return logs.read(state, container, previous=previous, lines=lines, now=world.now)

    def autoscaler(self, workload: Workload) -> Autoscaler | None:
        with self._around(workload) as item:
            found = item.around.autoscaler
            return replace(found, current=item.spec.replicas) if found else None

    def addresses(self, workload: Workload) -> list[Address]:
        with self._around(workload) as item:
            return list(item.around.addresses)

    def usage(self, workload: Workload) -> dict[str, Usage]:
        with self._around(workload) as item:
            return {name: used for name, used in item.around.used.items() if name in item.pods}

    def budgets(self, workload: Workload) -> list[Budget]:
        with self._around(workload) as item:
            return item.budgets

    def dry_run(self, step: Step, cause: Cause) -> Preview:
        with self._present() as world:
            item, differs = applying.tried(world, step, cause)
            return Preview(self._view(item, step.target.environment), differs)

    def apply(self, step: Step, cause: Cause) -> Workload:
        with self._present() as world:
            return self._view(applying.apply(world, step, cause), step.target.environment)

    def delete_pod(self, target: Target, pod: PodName) -> None:
        names.check(target.namespace, pod.name)
        with self._present() as world:
            found = world.pods.get((target.namespace, pod.name))
            if found is not None and found.uid == pod.uid:
                kubelet.dismiss(world, found)

    def annotate(self, target: Target, values: dict[str, str | None]) -> None:
        with self._present() as world:
            item = edits.only(world, target.namespace, target.name, target.kind)
            merged = {**item.annotations, **values}
            item.annotations = {key: value for key, value in merged.items() if value is not None}
            world.touch(item)
            world.disturb(item)

    def watch(self, places: Mapping[str, str], notice: Notice) -> None:
        names.check(*places.values())
        with self._present():
            pass
        self._engine.watch(places, notice)

    def unseen(self, environment: str) -> str:  # noqa: ARG002
        return self._engine.hidden

    def stop(self) -> None:
        self._engine.stop()

    def start(self) -> None:
        """Let it live by itself, without anybody asking; `watch` does this too."""
        self._engine.start()

    def advance(self, now: datetime) -> None:
        """Everything that happens until then, in order."""
        self._engine.advance(now)

    def create(
        self, namespace: str, spec: Spec, *, manager: str = KUBECTL, annotations: dict[str, str] | None = None
    ) -> None:
        """It begins to roll out now."""
        names.check(namespace, spec.name)
        with self._engine.present() as world:
            edits.create(world, namespace, spec, manager, annotations or {})

    def seed(
        self,
        namespace: str,
        spec: Spec,
        *,
        since: datetime | None = None,
        cause: str = "",
        past: Sequence[Past] = (),
        manager: str = KUBECTL,
    ) -> None:
        """It has been running since then, after its past; a troubled image begins its trouble now."""
        names.check(namespace, spec.name)
        with self._engine.present() as world:
            now = Past(spec.template, since or world.now, cause)
            edits.seed(world, namespace, spec, manager, [*past, now])

    def kubectl(
        self, namespace: str, name: str, action: Action, *, kind: Kind | None = None, manager: str = KUBECTL
    ) -> None:
        """Somebody else does it, and leaves none of our notes."""
        with self._engine.present() as world:
            item = edits.only(world, namespace, name, kind)
            rewrite(item, changes.changed(item, action), manager, world.now)
            world.touch(item)
            world.disturb(item)

    def kubectl_set_image(self, namespace: str, name: str, image: str, manager: str = KUBECTL) -> None:
        with self._engine.present() as world:
            container = edits.only(world, namespace, name, None).spec.template.containers[0].name
        self.kubectl(namespace, name, SetImage(container, Image(image)), manager=manager)

    def delete(self, namespace: str, name: str, kind: Kind | None = None) -> None:
        with self._engine.present() as world:
            edits.delete(world, edits.only(world, namespace, name, kind))

    def kubectl_delete_pod(self, namespace: str, name: str) -> None:
        with self._engine.present() as world:
            kubelet.dismiss(world, _pod(world, namespace, name))

    def surround(self, namespace: str, name: str, around: Around = ALONE, kind: Kind | None = None) -> None:
        """Somebody puts an autoscaler, an address or a budget next to it."""
        with self._engine.present() as world:
            item = edits.only(world, namespace, name, kind)
            item.around = around
            world.disturb(item)

    def lose_image(self, image: str) -> None:
        """Somebody tidied the registry: what runs goes on, and no new pod of it can start."""
        with self._engine.present() as world:
            world.lost_images.add(image)

    def set_quota(self, namespace: str, pods: int | None, name: str = "pods") -> None:
        with self._engine.present() as world:
            edits.set_quota(world, namespace, None if pods is None else Quota(name, pods))

    def fail(self, error: QuarterdeckError, times: int = 1) -> None:
        """The next calls of the port meet this instead of an answer."""
        with self._engine.present():
            self._faults.extend([error] * times)

    def break_off(self, hidden: str = "") -> None:
        """Every watch loses its connection, and makes up for it as the port promises: once nothing is hidden."""
        self._engine.break_off(hidden)

    @contextmanager
    def _around(self, workload: Workload) -> Iterator[Item]:
        place = workload.target
        with self._present() as world:
            yield edits.only(world, place.namespace, place.name, place.kind)

    @contextmanager
    def _present(self) -> Iterator[World]:
        with self._engine.present() as world:
            if self._faults:
                raise self._faults.popleft()
            yield world

    def _view(self, item: Item, environment: str) -> Workload:
        return view.workload(item, environment, self._name)


def _at(world: World, target: Target) -> Item | None:
    return world.items.get((target.namespace, target.kind, target.name))


def _pod(world: World, namespace: str, name: str) -> PodState:
    found = world.pods.get((namespace, name))
    if found is None:
        raise NotFound(f"There is no pod {name} in the namespace {namespace}.", fact="Its log went with it.")
    return found


def _things(item: Item) -> set[tuple[str, str]]:
    sets = {("ReplicaSet", h.name) for h in item.histories if item.spec.kind is Kind.DEPLOYMENT}
    return {(str(item.spec.kind), item.spec.name), *sets, *(("Pod", name) for name in item.pods)}
