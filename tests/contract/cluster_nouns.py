"""What the cluster's contract speaks of: a workload as a test wants it, and a way around the port."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from bot.cluster import Cluster
from bot.core.workload import Kind

T = TypeVar("T")


@dataclass(frozen=True)
class Wanted:
    """A workload as a test wants it. What its image does is said by a word in the tag, as in stages.yaml."""

    name: str = "adder"
    image: str = "registry.local/adder:1"
    kind: Kind = Kind.DEPLOYMENT
    replicas: int = 3
    containers: tuple[str, ...] = ("app",)
    max_surge: int | str = 1
    max_unavailable: int | str = 0
    strategy: str = "RollingUpdate"
    partition: int = 0
    deadline: int = 600
    readiness: bool = True


@dataclass(frozen=True)
class Peek:
    """What stands in the cluster, read around the port. `env` is that of the first container."""

    images: dict[str, str]
    replicas: int
    env: dict[str, str]
    paused: bool
    annotations: dict[str, str]
    template_annotations: dict[str, str]


class Kit(Protocol):
    """One empty namespace. What others do there needs no permission of ours."""

    @property
    def cluster(self) -> Cluster: ...

    @property
    def namespace(self) -> str: ...

    def neighbour(self) -> "Kit":
        """Another empty namespace of the same cluster."""

    def create(self, wanted: Wanted) -> None: ...

    def delete(self, name: str, kind: Kind) -> None: ...

    def delete_pod(self, name: str) -> None: ...

    def set_image(self, name: str, image: str) -> None:
        """As somebody with kubectl."""

    def set_quota(self, pods: int) -> None: ...

    def autoscale(self, name: str, least: int, most: int) -> None: ...

    def expose(self, name: str, kind: str) -> None:
        """By a Service of this type, or by an Ingress for `<name>.example.com`."""

    def guard(self, name: str, needed: int) -> None:
        """By a budget of the same name."""

    def peek(self, name: str, kind: Kind = Kind.DEPLOYMENT) -> Peek: ...

    def service(self, name: str) -> dict[str, Any] | None:
        """The spec of a Service, read around the port."""

    def until(self, condition: Callable[[], T], what: str) -> T:
        """The first true answer, or a failed test that says what never came."""
