"""The Cluster port on a real API server."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import wraps
from threading import Lock
from time import monotonic
from typing import Concatenate, ParamSpec, TypeVar

from bot.cluster import Notice, Preview, names
from bot.cluster.kubernetes import failures, neighbours, rights
from bot.cluster.kubernetes.access import Access
from bot.cluster.kubernetes.client import Client
from bot.cluster.kubernetes.installing import Installer
from bot.cluster.kubernetes.nodes import Nodes
from bot.cluster.kubernetes.paths import core
from bot.cluster.kubernetes.pulling import Pulling
from bot.cluster.kubernetes.reading import Reader
from bot.cluster.kubernetes.rights import Permission
from bot.cluster.kubernetes.watching import Watching
from bot.cluster.kubernetes.writing import Writer
from bot.core.errors import Conflict, NotFound
from bot.core.login import Login
from bot.core.model import Cause, Step
from bot.core.surroundings import Address, Autoscaler, Budget, Usage
from bot.core.workload import ClusterEvent, Install, Kind, Manifest, Pod, PodName, Revision, Target, Workload

STOP_WITHIN = 5.0


P = ParamSpec("P")
R = TypeVar("R")
Call = Callable[Concatenate["KubernetesCluster", P], R]


def _readable(call: Call[P, R]) -> Call[P, R]:
    """Answers are decoded all over this room; one that cannot be is told here, in our words."""

    @wraps(call)
    def asked(cluster: "KubernetesCluster", /, *args: P.args, **kwargs: P.kwargs) -> R:
        with failures.readable(cluster.name):
            return call(cluster, *args, **kwargs)

    return asked


class KubernetesCluster:
    """Nothing is asked of the server before the first call: one that is away never stops the start.

    `whole`: all its namespaces are watched at once, which takes a right that k8s/target does not hold.
    """

    def __init__(self, name: str, access: Access, *, whole: bool = False) -> None:
        self._whole = whole
        self._client = Client(name, access)
        self._reader = Reader(self._client)
        self._writer = Writer(self._client, self._reader)
        self._nodes = Nodes(self._client)
        self._pulling = Pulling(self._client)
        self._installer = Installer(self._client, self._reader)
        self._lock = Lock()
        self._watching: list[Watching] = []

    @property
    def name(self) -> str:
        return self._client.cluster

    @_readable
    def find(self, environment: str, namespace: str, name: str, kind: Kind | None = None) -> Workload:
        return self._reader.find(environment, namespace, name, kind).noun

    @_readable
    def workloads(self, environment: str, namespace: str) -> list[Workload]:
        return self._reader.workloads(environment, namespace)

    @_readable
    def pods(self, workload: Workload) -> list[Pod]:
        return self._reader.pods(workload)

    @_readable
    def events(self, workload: Workload) -> list[ClusterEvent]:
        return self._reader.events(workload)

    @_readable
    def revisions(self, workload: Workload) -> list[Revision]:
        return self._reader.revisions(workload)

    @_readable
    def logs(self, pod: Pod, container: str, *, previous: bool = False, lines: int = 20) -> list[str]:
        return self._reader.logs(pod, container, previous=previous, lines=lines)

    @_readable
    def autoscaler(self, workload: Workload) -> Autoscaler | None:
        return neighbours.autoscaler(self._client, self._reader.known(workload))

    @_readable
    def addresses(self, workload: Workload) -> list[Address]:
        return neighbours.addresses(self._client, self._reader.known(workload))

    @_readable
    def usage(self, workload: Workload) -> dict[str, Usage]:
        return neighbours.usage(self._client, self._reader.known(workload))

    @_readable
    def budgets(self, workload: Workload) -> list[Budget]:
        return neighbours.budgets(self._client, self._reader.known(workload))

    @_readable
    def platforms(self) -> frozenset[str] | None:
        return self._nodes.platforms()

    @_readable
    def pull_credentials(self, target: Target, template: Manifest | None = None) -> dict[str, Login]:
        return self._pulling.logins(target, template)

    @_readable
    def dry_run(self, step: Step, cause: Cause) -> Preview:
        if isinstance(step.action, Install):
            return self._installer.preview(step, step.action)
        return self._writer.preview(step, cause)

    @_readable
    def apply(self, step: Step, cause: Cause) -> Workload:
        if isinstance(step.action, Install):
            return self._installer.apply(step, step.action, cause)
        return self._writer.apply(step, cause)

    @_readable
    def delete_pod(self, target: Target, pod: PodName) -> None:
        with suppress(NotFound, Conflict):
            self._client.delete(core(target.namespace, "pods", pod.name), pod.uid)

    @_readable
    def annotate(self, target: Target, values: dict[str, str | None]) -> None:
        self._writer.annotate(target, values)

    @_readable
    def permissions(self, namespaces: Iterable[str]) -> list[Permission]:
        return rights.permissions(self._client, namespaces, whole=self._whole)

    def watch(self, places: Mapping[str, str], notice: Notice) -> None:
        names.check(*places.values())
        told = self._reader.told.overhearing(notice)
        with self._lock:
            watching = self._joined(places, told) if self._whole else self._begun(places, told)
        listed = [one.wait() for one in watching]
        if all(listed):
            self._reader.told.told_all(places.values())

    def unseen(self, environment: str) -> str:
        with self._lock:
            watching = list(self._watching)
        return next((why for one in watching if (why := one.unseen(environment))), "")

    def _joined(self, places: Mapping[str, str], told: Notice) -> list[Watching]:
        """What comes later joins the one that watches all, at the price of one more list of each kind."""
        if self._watching:
            self._watching[0].join_in(places, told)
            return self._watching
        return self._start(Watching(self._client, places, told, whole=True))

    def _begun(self, places: Mapping[str, str], told: Notice) -> list[Watching]:
        return self._start(*(Watching(self._client, {title: space}, told) for title, space in places.items()))

    def _start(self, *made: Watching) -> list[Watching]:
        self._watching += made
        for one in made:
            one.start()
        return list(made)

    def stop(self) -> None:
        """Ends the watches; orders still find their way."""
        with self._lock:
            watching, self._watching = self._watching, []
        for one in watching:
            one.stop()
        deadline = monotonic() + STOP_WITHIN
        for one in watching:
            one.join(max(0.0, deadline - monotonic()))
        self._reader.told.forget()
        self._client.close()
