"""The nouns of what runs: workloads, pods, revisions, images, and what can be done to them.

They hold the few fields that are judged or shown, never a Kubernetes object.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from msgspec import Struct

from bot.core.secret import Secret

SHORT = 7


class Kind(StrEnum):
    DEPLOYMENT = "Deployment"
    STATEFUL_SET = "StatefulSet"
    DAEMON_SET = "DaemonSet"


class Target(Struct, frozen=True):
    """One workload in one environment. `container` is None until somebody has to choose."""

    environment: str
    cluster: str
    namespace: str
    kind: Kind
    name: str
    container: str | None = None


class Image(Struct, frozen=True):
    """An image in a registry. `digest` pins it: a tag may move, what was shown may not."""

    repository: str
    tag: str | None = None
    digest: str | None = None
    revision: str | None = None
    created: datetime | None = None
    size: int | None = None
    version: str | None = None
    source: str | None = None
    platforms: tuple[str, ...] = ()

    @property
    def reference(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        digest = f"@{self.digest}" if self.digest else ""
        return f"{self.repository}{tag}{digest}"

    @property
    def label(self) -> str:
        """What people call it: the tag, never shortened, else a short digest."""
        return self.tag or short_digest(self.digest) or "latest"


def short_digest(digest: str | None) -> str:
    """`sha256:44c1f0e`: enough to tell two apart, short enough to read aloud."""
    if not digest:
        return ""
    algorithm, _, value = digest.partition(":")
    return f"{algorithm}:{value[:SHORT]}" if value else digest[:12]


class Condition(Struct, frozen=True):
    type: str
    status: bool
    reason: str = ""
    message: str = ""


class Reference(Struct, frozen=True):
    """A variable whose value stands elsewhere: in a ConfigMap or a Secret, or nowhere that has a key."""

    variable: str
    kind: str
    name: str = ""
    key: str = ""


class Container(Struct, frozen=True):
    """`env` are the names of all its variables, `references` those that do not stand here themselves."""

    name: str
    image: str
    env: tuple[str, ...] = ()
    memory_limit: str | None = None
    has_readiness_probe: bool = True
    references: tuple[Reference, ...] = ()


class Workload(Struct, frozen=True):
    """A Deployment, StatefulSet or DaemonSet as it stands: what was wanted, what is, who wrote it last.

    `ordered` are the pods of a StatefulSet that waits for each before it touches the next, also for a broken one.
    `manager` wrote the template last, `scaler` the number of replicas, where that is another.
    """

    target: Target
    uid: str
    resource_version: str
    generation: int
    observed: int
    containers: tuple[Container, ...]
    wanted: int
    current: int
    updated: int
    ready: int
    available: int
    template: str
    revision: int
    created: datetime
    changed: datetime
    strategy: str = "RollingUpdate"
    partition: int = 0
    deadline: int = 600
    paused: bool = False
    updated_ready: int | None = None
    ordered: bool = False
    conditions: tuple[Condition, ...] = ()
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    manager: str = ""
    scaler: str = ""

    def condition(self, kind: str) -> Condition | None:
        return next((c for c in self.conditions if c.type == kind), None)

    def container(self, name: str | None) -> Container:
        return next((c for c in self.containers if c.name == name), self.containers[0])


class Run(Struct, frozen=True):
    """One state of a container: running, waiting or terminated, with the words the node gives."""

    state: str
    reason: str = ""
    message: str = ""
    exit_code: int | None = None
    signal: int | None = None
    started: datetime | None = None
    finished: datetime | None = None


class ContainerStatus(Struct, frozen=True):
    name: str
    restarts: int
    now: Run
    last: Run | None = None
    init: bool = False
    ready: bool = False


class Pod(Struct, frozen=True):
    """`ready` is the pod's own condition: the container flag lies when a node is lost."""

    name: str
    namespace: str
    owner: str
    template: str
    phase: str
    ready: bool
    created: datetime
    node: str | None = None
    reason: str = ""
    message: str = ""
    containers: tuple[ContainerStatus, ...] = ()
    conditions: tuple[Condition, ...] = ()
    deleting: bool = False
    by_replica_set: bool = True
    uid: str = ""

    @property
    def workload(self) -> str:
        """The name of the workload it belongs to; a Deployment's pods are owned by a replica set of its template."""
        return self.owner.rsplit("-", 1)[0] if self.by_replica_set else self.owner

    @property
    def restarts(self) -> int:
        return sum(c.restarts for c in self.containers)


class PodName(Struct, frozen=True):
    """One pod and no later one of the name."""

    name: str
    uid: str


class ClusterEvent(Struct, frozen=True):
    """An event of the cluster. `count` shows repetition, but is rate-limited at the node: never a measure."""

    kind: str
    name: str
    reason: str
    message: str
    at: datetime
    warning: bool = True
    count: int = 1
    container: str | None = None


class Revision(Struct, frozen=True):
    """One past or present template of a workload."""

    number: int
    template: str
    images: dict[str, str]
    created: datetime
    cause: str = ""
    current: bool = False


class Manifest(Struct, frozen=True):
    """One object as its file describes it. `note` is what had to be made of an old one."""

    file: str
    kind: str
    body: dict[str, Any]
    note: str = ""

    @property
    def name(self) -> str:
        return str(self.body["metadata"]["name"])

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class SetImage(Struct, frozen=True, tag="set-image"):
    """`partition` stages a StatefulSet: pods of a lower number stay as they are. None: as it stands."""

    container: str
    image: Image
    partition: int | None = None


class Scale(Struct, frozen=True, tag="scale"):
    """`before` is what stood there when it was planned; None where that does not matter."""

    replicas: int
    before: int | None = None


class Undo(Struct, frozen=True, tag="undo"):
    revision: int


class Restart(Struct, frozen=True, tag="restart"):
    at: datetime


class Pause(Struct, frozen=True, tag="pause"):
    pass


class Resume(Struct, frozen=True, tag="resume"):
    pass


class SetEnv(Struct, frozen=True, tag="set-env"):
    """`values` never leaves memory: a stored change keeps the names alone."""

    container: str
    names: tuple[str, ...]
    removed: tuple[str, ...] = ()
    values: tuple[Secret, ...] = ()


class Install(Struct, frozen=True, tag="install"):
    """A workload as its template wants it, and what goes with it. It need not be there yet."""

    container: str
    image: Image
    workload: Manifest
    others: tuple[Manifest, ...] = ()


Action = SetImage | Scale | Undo | Restart | Pause | Resume | SetEnv | Install


class Phase(StrEnum):
    """Where a rollout stands. Final: proven, failed, superseded, recorded."""

    PROGRESSING = "progressing"
    PAUSED = "paused"
    STUCK = "stuck"
    DONE = "done"
    PROVEN = "proven"
    FAILED = "failed"
    SUPERSEDED = "superseded"
    RECORDED = "recorded"

    @property
    def final(self) -> bool:
        return self in (Phase.PROVEN, Phase.FAILED, Phase.SUPERSEDED, Phase.RECORDED)
