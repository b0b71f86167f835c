"""The few fields of the server's objects that are judged or shown. All may be missing."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Raw, Struct


class Shape(Struct, frozen=True, rename="camel", gc=False):
    """Decoded, turned into a noun and forgotten: the collector need not look at it."""


class Owner(Shape, frozen=True):
    kind: str = ""
    name: str = ""
    uid: str = ""
    controller: bool = False


class Writer(Shape, frozen=True):
    """One entry of managedFields: who wrote which fields, and when last."""

    manager: str = ""
    time: datetime | None = None
    subresource: str = ""
    fields_v1: Raw = Raw(b"{}")


class Meta(Shape, frozen=True):
    name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    creation_timestamp: datetime | None = None
    deletion_timestamp: datetime | None = None
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    owner_references: tuple[Owner, ...] | None = None
    managed_fields: tuple[Writer, ...] | None = None

    @property
    def controller(self) -> Owner | None:
        return next((o for o in self.owner_references or () if o.controller), None)

    @property
    def notes(self) -> dict[str, str]:
        return self.annotations or {}


class Requirement(Shape, frozen=True):
    key: str
    operator: str
    values: tuple[str, ...] | None = None


class Selector(Shape, frozen=True):
    match_labels: dict[str, str] | None = None
    match_expressions: tuple[Requirement, ...] | None = None

    def matches(self, labels: Mapping[str, str]) -> bool:
        exact = all(labels.get(key) == value for key, value in (self.match_labels or {}).items())
        return exact and all(_holds(r, labels) for r in self.match_expressions or ())

    def __str__(self) -> str:
        parts = [f"{key}={value}" for key, value in (self.match_labels or {}).items()]
        return ",".join([*parts, *(_expression(r) for r in self.match_expressions or ())])


def _holds(requirement: Requirement, labels: Mapping[str, str]) -> bool:
    value = labels.get(requirement.key)
    match requirement.operator:
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
        case "In":
            return value in (requirement.values or ())
        case _:
            return value not in (requirement.values or ())


def _expression(requirement: Requirement) -> str:
    match requirement.operator:
        case "Exists":
            return requirement.key
        case "DoesNotExist":
            return f"!{requirement.key}"
        case operator:
            return f"{requirement.key} {operator.lower()} ({','.join(requirement.values or ())})"


class Rolling(Shape, frozen=True):
    partition: int = 0


class Strategy(Shape, frozen=True):
    type: str = "RollingUpdate"
    rolling_update: Rolling | None = None


class WorkloadSpec(Shape, frozen=True):
    """Of the three kinds at once. The template stays bytes: most who look at a workload need its hash alone."""

    replicas: int | None = None
    selector: Selector = Selector()
    template: Raw = Raw(b"{}")
    paused: bool = False
    progress_deadline_seconds: int = 600
    strategy: Strategy | None = None
    update_strategy: Strategy | None = None
    pod_management_policy: str = "OrderedReady"


class Said(Shape, frozen=True):
    """One condition."""

    type: str = ""
    status: str = ""
    reason: str = ""
    message: str = ""


class WorkloadStatus(Shape, frozen=True):
    observed_generation: int = 0
    replicas: int = 0
    updated_replicas: int = 0
    ready_replicas: int = 0
    available_replicas: int = 0
    desired_number_scheduled: int = 0
    current_number_scheduled: int = 0
    updated_number_scheduled: int = 0
    number_ready: int = 0
    number_available: int = 0
    update_revision: str = ""
    conditions: tuple[Said, ...] | None = None


class WorkloadObject(Shape, frozen=True):
    metadata: Meta = Meta()
    spec: WorkloadSpec = WorkloadSpec()
    status: WorkloadStatus = WorkloadStatus()


class HistorySpec(Shape, frozen=True):
    replicas: int | None = None
    template: Raw = Raw(b"{}")


class HistoryStatus(Shape, frozen=True):
    replicas: int = 0


class Data(Shape, frozen=True):
    spec: HistorySpec = HistorySpec()


class HistoryObject(Shape, frozen=True):
    """A ReplicaSet has `spec` and `status`, a ControllerRevision has `revision` and `data`."""

    metadata: Meta = Meta()
    spec: HistorySpec = HistorySpec()
    status: HistoryStatus = HistoryStatus()
    revision: int = 0
    data: Data = Data()


class Limits(Shape, frozen=True):
    memory: str | int | None = None


class Resources(Shape, frozen=True):
    limits: Limits | None = None


class EnvName(Shape, frozen=True):
    name: str = ""
    value_from: dict[str, dict[str, Any]] | None = None


class Present(Shape, frozen=True):
    """That it is there is all that counts."""


class ContainerShape(Shape, frozen=True):
    name: str = ""
    image: str = ""
    env: tuple[EnvName, ...] | None = None
    resources: Resources = Resources()
    readiness_probe: Present | None = None


class TemplateSpec(Shape, frozen=True):
    containers: tuple[ContainerShape, ...] = ()


class TemplateShape(Shape, frozen=True):
    spec: TemplateSpec = TemplateSpec()


class Running(Shape, frozen=True):
    started_at: datetime | None = None


class Waiting(Shape, frozen=True):
    reason: str = ""
    message: str = ""


class Terminated(Shape, frozen=True):
    reason: str = ""
    message: str = ""
    exit_code: int | None = None
    signal: int | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None


class State(Shape, frozen=True):
    running: Running | None = None
    waiting: Waiting | None = None
    terminated: Terminated | None = None


class StatusShape(Shape, frozen=True):
    name: str = ""
    restart_count: int = 0
    ready: bool = False
    state: State = State()
    last_state: State = State()


class PodSpec(Shape, frozen=True):
    node_name: str | None = None


class PodStatus(Shape, frozen=True):
    phase: str = ""
    reason: str = ""
    message: str = ""
    conditions: tuple[Said, ...] | None = None
    container_statuses: tuple[StatusShape, ...] | None = None
    init_container_statuses: tuple[StatusShape, ...] | None = None


class PodObject(Shape, frozen=True):
    metadata: Meta = Meta()
    spec: PodSpec = PodSpec()
    status: PodStatus = PodStatus()


class About(Shape, frozen=True):
    kind: str = ""
    name: str = ""
    field_path: str = ""


class Series(Shape, frozen=True):
    count: int = 1
    last_observed_time: datetime | None = None


class EventObject(Shape, frozen=True):
    """Both styles: what the scheduler repeats is counted in `series`, and its own count and times are null."""

    metadata: Meta = Meta()
    involved_object: About = About()
    type: str = ""
    reason: str = ""
    message: str = ""
    count: int | None = None
    first_timestamp: datetime | None = None
    last_timestamp: datetime | None = None
    event_time: datetime | None = None
    series: Series | None = None
