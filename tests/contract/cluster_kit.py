"""What the cluster's contract is tested with: the port, and a way around it for each implementation.

A further implementation is one more `Kit` and one more row in MAKERS.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from threading import Condition, Event
from typing import Any, TypeVar

import pytest

from bot.cluster import Cluster, Sight, Sighting
from bot.cluster.memory import Around, ContainerSpec, MemoryCluster, Spec, Template
from bot.core.model import Cause, Place, Step, Who
from bot.core.surroundings import Address, Autoscaler
from bot.core.workload import Action, Kind, Pod, Workload
from tests.contract.cluster_nouns import Kit, Peek, Wanted
from tests.contract.kubernetes_kit import kubernetes, whole_kubernetes
from tests.servers.require import each

__all__ = ["CAUSE", "ENVIRONMENT", "IMPLEMENTATIONS", "WATCHING", "Bench", "Ear", "Peek", "Wanted", "bench"]

T = TypeVar("T")
ENVIRONMENT = "staging"
CAUSE = Cause("C1:17.5", Who("slack", "U1", "oncall"), Place("slack", "C1"), "deploy adder 2 to staging")


class ManualClock:
    def __init__(self) -> None:
        self._now = datetime(2026, 11, 20, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self._now

    def real(self, seconds: float) -> float:
        return min(seconds, 0.05)

    def move(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


class MemoryKit:
    STEP = 0.5
    MOST = 1200

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.cluster = MemoryCluster("main", self.clock)
        self.namespace = "micro"
        self._names = count(2)

    def neighbour(self) -> Kit:
        other = copy(self)
        other.namespace = f"{self.namespace}-{next(self._names)}"
        return other

    def create(self, wanted: Wanted) -> None:
        containers = tuple(
            ContainerSpec(name, wanted.image, has_readiness_probe=wanted.readiness) for name in wanted.containers
        )
        spec = Spec(
            wanted.name,
            Template(containers),
            kind=wanted.kind,
            replicas=wanted.replicas,
            strategy=wanted.strategy,
            max_surge=wanted.max_surge,
            max_unavailable=None if wanted.kind is Kind.DAEMON_SET else wanted.max_unavailable,
            partition=wanted.partition,
            deadline=wanted.deadline,
        )
        self.cluster.create(self.namespace, spec)

    def delete(self, name: str, kind: Kind) -> None:
        self.cluster.delete(self.namespace, name, kind)

    def delete_pod(self, name: str) -> None:
        self.cluster.kubectl_delete_pod(self.namespace, name)

    def set_image(self, name: str, image: str) -> None:
        self.cluster.kubectl_set_image(self.namespace, name, image)

    def set_quota(self, pods: int) -> None:
        self.cluster.set_quota(self.namespace, pods)

    def autoscale(self, name: str, least: int, most: int) -> None:
        self._put(name, autoscaler=Autoscaler(name, least, most))

    def expose(self, name: str, kind: str) -> None:
        said = {"LoadBalancer": "pending", "Ingress": f"http://{name}.example.com/"}
        self._put(name, addresses=(Address(kind, said.get(kind, "port 31234 of every node")),))

    def guard(self, name: str, needed: int) -> None:
        self._put(name, guarded=(name, needed))

    def _put(self, name: str, **around: Any) -> None:
        self.cluster.surround(self.namespace, name, Around(**around))

    def peek(self, name: str, kind: Kind = Kind.DEPLOYMENT) -> Peek:
        with self.cluster._engine.present() as world:
            item = world.items[self.namespace, kind, name]
            containers = item.spec.template.containers
            return Peek(
                images={c.name: c.image for c in containers},
                replicas=item.spec.replicas,
                env={key: value.reveal() for key, value in containers[0].env.items()},
                paused=item.spec.paused,
                annotations=dict(item.annotations),
                template_annotations=dict(item.spec.template.annotations),
            )

    def service(self, name: str) -> dict[str, Any] | None:
        with self.cluster._engine.present() as world:
            found = world.services.get((self.namespace, name))
            return dict(found["spec"]) if found else None

    def until(self, condition: Callable[[], T], what: str) -> T:
        pause = Event()
        for _ in range(self.MOST):
            if found := condition():
                return found
            self.clock.move(self.STEP)
            self.cluster.advance(self.clock.now())
            pause.wait(0.0005)
        pytest.fail(f"never came: {what}")


@contextmanager
def memory() -> Iterator[Kit]:
    kit = MemoryKit()
    yield kit
    kit.cluster.stop()


Makers = dict[str, Callable[[], AbstractContextManager[Kit]]]
MAKERS: Makers = {"memory": memory, "kubernetes": kubernetes, "kubernetes, scope cluster": whole_kubernetes}
NEEDS = {name: "kube-apiserver" for name in MAKERS if name != "memory"}
WATCHING = each(MAKERS, NEEDS)
IMPLEMENTATIONS = WATCHING[:2]


@dataclass
class Bench:
    """The words the contract is written in."""

    kit: Kit
    cluster: Cluster = field(init=False)

    def __post_init__(self) -> None:
        self.cluster = self.kit.cluster

    def running(self, wanted: Wanted) -> Workload:
        self.kit.create(wanted)
        return self.rolled_out(wanted.name, wanted.kind)

    def look(self, name: str = "adder", kind: Kind | None = None) -> Workload:
        return self.cluster.find(ENVIRONMENT, self.kit.namespace, name, kind)

    def step(self, workload: Workload, action: Action) -> Step:
        return Step(workload.target, action, "", "", workload.uid, workload.resource_version, workload.template)

    def do(self, workload: Workload, action: Action, cause: Cause = CAUSE) -> Workload:
        return self.cluster.apply(self.step(workload, action), cause)

    def rolled_out(self, name: str = "adder", kind: Kind | None = None) -> Workload:
        def done() -> Workload | None:
            w = self.look(name, kind)
            every = w.current == w.updated == w.available == w.wanted
            return w if every and w.observed >= w.generation and w.revision else None

        return self.kit.until(done, f"{name} rolled out") or self.look(name, kind)

    def new_pods(self, name: str = "adder") -> list[Pod]:
        workload = self.look(name)
        return [p for p in self.cluster.pods(workload) if p.template == workload.template and not p.deleting]

    def trouble(self, reason: str) -> Pod:
        """A pod of the present template that stands in this state."""

        def found() -> list[Pod]:
            return [p for p in self.new_pods() if p.containers and p.containers[0].now.reason == reason]

        return self.kit.until(found, reason)[0]

    def condition(self, kind: str, reason: str) -> str:
        """Its message, once it says so."""

        def said() -> str:
            found = self.look().condition(kind)
            return found.message if found and found.reason == reason else ""

        return self.kit.until(said, f"{kind} {reason}")


class Ear:
    """Remembers what a watch told."""

    def __init__(self) -> None:
        self.heard: list[Sighting] = []
        self._news = Condition()

    def notice(self, sighting: Sighting) -> None:
        with self._news:
            self.heard.append(sighting)
            self._news.notify_all()

    def until(self, condition: Callable[[], bool], seconds: float = 10) -> None:
        with self._news:
            assert self._news.wait_for(condition, seconds), "it was never told"

    def workloads(self) -> list[Workload]:
        return [s.thing for s in self.heard if isinstance(s.thing, Workload)]

    def pods(self) -> list[Pod]:
        return [s.thing for s in self.heard if isinstance(s.thing, Pod)]

    def gone(self) -> set[str]:
        return {
            s.thing.name if isinstance(s.thing, Pod) else s.thing.target.name
            for s in list(self.heard)
            if s.what is Sight.GONE
        }


@contextmanager
def bench(implementation: str) -> Iterator[Bench]:
    with MAKERS[implementation]() as kit:
        yield Bench(kit)
