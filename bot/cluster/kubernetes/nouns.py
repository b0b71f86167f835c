"""From the server's objects to the nouns of the port."""

from datetime import UTC, datetime
from functools import lru_cache

from bot.cluster.kubernetes import templates
from bot.cluster.kubernetes.shapes import (
    EventObject,
    Meta,
    PodObject,
    Said,
    State,
    StatusShape,
    Strategy,
    WorkloadObject,
    WorkloadStatus,
    Writer,
)
from bot.core.workload import ClusterEvent, Condition, ContainerStatus, Kind, Pod, Run, Target, Workload

REVISION = "deployment.kubernetes.io/revision"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
LONG_AGO = datetime.fromtimestamp(0, UTC)
REPLICA_SET = "ReplicaSet"
SPEC, REPLICAS = b'"f:spec"', b'"f:replicas"'
WAITING = Run("waiting")
CONTROLLERS = "kube-controller-manager"


def workload(found: WorkloadObject, kind: Kind, environment: str, cluster: str, revision: int = 0) -> Workload:
    """`revision` is that of the kinds that do not carry it themselves."""
    meta, spec, status = found.metadata, found.spec, found.status
    strategy = (spec.strategy if kind is Kind.DEPLOYMENT else spec.update_strategy) or Strategy()
    wanted, current, updated, ready, available = _counts(found, kind)
    writer = last_writer(meta)
    return Workload(
        target=Target(environment, cluster, meta.namespace, kind, meta.name),
        uid=meta.uid,
        resource_version=meta.resource_version,
        generation=meta.generation,
        observed=status.observed_generation,
        containers=templates.containers(spec.template),
        wanted=wanted,
        current=current,
        updated=updated,
        ready=ready,
        available=available,
        template=templates.hash_of(spec.template),
        revision=number(meta) if kind is Kind.DEPLOYMENT else revision,
        created=meta.creation_timestamp or LONG_AGO,
        changed=writer.time or meta.creation_timestamp or LONG_AGO,
        strategy=strategy.type,
        partition=strategy.rolling_update.partition if strategy.rolling_update else 0,
        deadline=spec.progress_deadline_seconds,
        paused=spec.paused,
        ordered=kind is Kind.STATEFUL_SET and spec.pod_management_policy == "OrderedReady",
        conditions=conditions(status.conditions),
        labels=meta.labels or {},
        annotations={key: value for key, value in meta.notes.items() if key != LAST_APPLIED},
        manager=writer.manager,
        scaler=last_scaler(meta),
    )


def _counts(found: WorkloadObject, kind: Kind) -> tuple[int, int, int, int, int]:
    status: WorkloadStatus = found.status
    if kind is Kind.DAEMON_SET:
        return (
            status.desired_number_scheduled,
            status.current_number_scheduled,
            status.updated_number_scheduled,
            status.number_ready,
            status.number_available,
        )
    wanted = 1 if found.spec.replicas is None else found.spec.replicas
    return wanted, status.replicas, status.updated_replicas, status.ready_replicas, status.available_replicas


def last_writer(meta: Meta) -> Writer:
    """Who wrote the spec last. Times are whole seconds: of two, who wrote less of it wrote later."""
    writers = [w for w in meta.managed_fields or () if w.subresource != "status" and SPEC in bytes(w.fields_v1)]
    return max(writers, key=lambda w: (w.time or LONG_AGO, -len(bytes(w.fields_v1))), default=Writer())


def last_scaler(meta: Meta) -> str:
    """Who owns the number of replicas: written through the scale subresource, it bears no time to compare.

    Of the controllers, only the autoscaler writes there.
    """
    scaled = [w for w in meta.managed_fields or () if w.subresource == "scale" and REPLICAS in bytes(w.fields_v1)]
    last = max(scaled, key=lambda w: w.time or LONG_AGO, default=Writer())
    return "autoscaler" if last.manager == CONTROLLERS else last.manager


def number(meta: Meta) -> int:
    said = meta.notes.get(REVISION, "")
    return int(said) if said.isascii() and said.isdecimal() else 0


def conditions(said: tuple[Said, ...] | None) -> tuple[Condition, ...]:
    return tuple(_condition(c.type, c.status, c.reason, c.message) for c in said or ())


@lru_cache(maxsize=1024)
def _condition(kind: str, status: str, reason: str, message: str) -> Condition:
    """Most pods say the same four things of themselves: once in memory is enough."""
    return Condition(kind, status == "True", reason, message)


def pod(found: PodObject, template: str) -> Pod:
    meta, status = found.metadata, found.status
    owner = meta.controller
    said = conditions(status.conditions)
    return Pod(
        name=meta.name,
        namespace=meta.namespace,
        owner=owner.name if owner else "",
        template=template,
        phase=status.phase,
        ready=any(c.type == "Ready" and c.status for c in said),
        created=meta.creation_timestamp or LONG_AGO,
        node=found.spec.node_name,
        reason=status.reason,
        message=status.message.strip(),
        containers=(
            *(_status(s) for s in status.container_statuses or ()),
            *(_status(s, init=True) for s in status.init_container_statuses or ()),
        ),
        conditions=said,
        deleting=meta.deletion_timestamp is not None,
        by_replica_set=owner is not None and owner.kind == REPLICA_SET,
        uid=meta.uid,
    )


def _status(shape: StatusShape, *, init: bool = False) -> ContainerStatus:
    now, last = _run(shape.state) or WAITING, _run(shape.last_state)
    return ContainerStatus(shape.name, shape.restart_count, now, last, init, shape.ready)


def _run(state: State) -> Run | None:
    if state.terminated:
        t = state.terminated
        return Run("terminated", t.reason, t.message, t.exit_code, t.signal, t.started_at, t.finished_at)
    if state.running:
        return Run("running", started=state.running.started_at)
    return Run("waiting", state.waiting.reason, state.waiting.message) if state.waiting else None


def event(found: EventObject) -> ClusterEvent:
    about, series = found.involved_object, found.series
    moments = (series.last_observed_time if series else None, found.last_timestamp, found.event_time)
    known = (*moments, found.first_timestamp, found.metadata.creation_timestamp)
    return ClusterEvent(
        kind=about.kind,
        name=about.name,
        reason=found.reason,
        message=found.message,
        at=next((moment for moment in known if moment), LONG_AGO),
        warning=found.type == "Warning",
        count=series.count if series else found.count or 1,
        container=_between(about.field_path),
    )


def _between(path: str) -> str | None:
    """`spec.containers{app}` names the container."""
    _, brace, rest = path.partition("{")
    return rest.rstrip("}") if brace else None
