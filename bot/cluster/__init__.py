"""The Cluster port: verbs and our nouns, never Kubernetes objects."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from bot.core.difference import Difference
from bot.core.login import Login
from bot.core.model import Cause, Step
from bot.core.surroundings import Address, Autoscaler, Budget, Usage
from bot.core.workload import ClusterEvent, Kind, Manifest, Pod, PodName, Revision, Target, Workload


class Sight(StrEnum):
    SEEN = "seen"
    GONE = "gone"


class Sighting(Struct, frozen=True):
    """Something the cluster told us without being asked: a workload or a pod as it stands now, or its end."""

    what: Sight
    thing: Workload | Pod
    environment: str


class Preview(Struct, frozen=True):
    """What the cluster would make of a step: the workload, and what differs from what stands there now."""

    workload: Workload
    differences: tuple[Difference, ...] = ()


Notice = Callable[[Sighting], None]


class Cluster(Protocol):
    """Every call has a timeout and raises only the errors of `bot.core.errors`."""

    @property
    def name(self) -> str: ...

    def find(self, environment: str, namespace: str, name: str, kind: Kind | None = None) -> Workload:
        """The one workload of this name. NotFound; Ambiguous where two kinds bear it."""

    def workloads(self, environment: str, namespace: str) -> list[Workload]: ...

    def pods(self, workload: Workload) -> list[Pod]: ...

    def events(self, workload: Workload) -> list[ClusterEvent]:
        """Events of the workload, its replica sets and its pods, newest last."""

    def revisions(self, workload: Workload) -> list[Revision]:
        """Oldest first; the last one that is current is marked."""

    def logs(self, pod: Pod, container: str, *, previous: bool = False, lines: int = 20) -> list[str]:
        """The last lines; empty where there is no log yet. NotFound where there never was one."""

    def autoscaler(self, workload: Workload) -> Autoscaler | None:
        """Who sets its number of replicas, if not people."""

    def addresses(self, workload: Workload) -> list[Address]:
        """Where its pods are reached, from outside first."""

    def usage(self, workload: Workload) -> dict[str, Usage]:
        """By the pod's name; empty where nobody measures."""

    def budgets(self, workload: Workload) -> list[Budget]: ...

    def platforms(self) -> frozenset[str] | None:
        """What its nodes are, such as `linux/amd64`; None where the bot may not know."""

    def pull_credentials(self, target: Target, template: Manifest | None = None) -> dict[str, Login]:
        """As whom its pods ask each registry, those of `template` where it is not there yet.

        Only for environments that allow it; never logged, never stored.
        """

    def dry_run(self, step: Step, cause: Cause) -> Preview:
        """What the cluster would make of it, its refusals included; nothing changes."""

    def apply(self, step: Step, cause: Cause) -> Workload:
        """One change, once. Conflict where the workload changed in what the step was planned upon."""

    def delete_pod(self, target: Target, pod: PodName) -> None:
        """Its controller makes another one. One that is gone already, or made anew, is left alone."""

    def annotate(self, target: Target, values: dict[str, str | None]) -> None:
        """Notes for people who use kubectl; None removes."""

    def watch(self, places: Mapping[str, str], notice: Notice) -> None:
        """Tell what stands there now, then every change, until `stop`. Returns once the first list was told.

        `places` are namespaces by their environment: all that is known of now, so that one list may serve them all.

        After a gap everything is told again, the gone ones too. `notice` never blocks.
        """

    def unseen(self, environment: str) -> str:
        """Why what happens there is not told just now; empty while it is. Asks nobody."""

    def stop(self) -> None: ...
