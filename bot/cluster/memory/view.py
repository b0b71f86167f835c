"""From the simulation's state to the nouns of the port."""

from bot.cluster.memory.spec import ContainerSpec
from bot.cluster.memory.state import ContainerState, History, Item, PodState
from bot.core.workload import Condition, Container, ContainerStatus, Kind, Pod, Revision, Target, Workload


def workload(item: Item, environment: str, cluster: str) -> Workload:
    spec, status = item.spec, item.status
    return Workload(
        target=Target(environment, cluster, item.namespace, spec.kind, spec.name),
        uid=item.uid,
        resource_version=str(item.resource_version),
        generation=item.generation,
        observed=status.observed,
        containers=tuple(map(_container, spec.template.containers)),
        wanted=status.wanted if spec.kind is Kind.DAEMON_SET else spec.replicas,
        current=status.current,
        updated=status.updated,
        ready=status.ready,
        available=status.ready,
        template=item.hash,
        revision=status.revision,
        created=item.created,
        changed=item.changed,
        strategy=spec.strategy,
        partition=spec.partition,
        deadline=spec.deadline,
        paused=spec.paused,
        ordered=spec.kind is Kind.STATEFUL_SET,
        updated_ready=status.updated_ready,
        conditions=status.conditions,
        labels=dict(spec.labels),
        annotations=dict(item.annotations),
        manager=item.manager,
    )


def _container(c: ContainerSpec) -> Container:
    env = {*c.env, *(found.variable for found in c.references)}
    return Container(c.name, c.image, tuple(sorted(env)), c.memory_limit, c.has_readiness_probe, c.references)


def pod(state: PodState) -> Pod:
    by_replica_set = state.item.spec.kind is Kind.DEPLOYMENT
    return Pod(
        name=state.name,
        namespace=state.namespace,
        owner=state.history.name if by_replica_set else state.item.spec.name,
        template=state.history.hash,
        phase="Running" if all(c.began for c in state.containers) else "Pending",
        ready=state.ready,
        created=state.created,
        node=state.node,
        containers=tuple(
            ContainerStatus(c.spec.name, c.restarts, c.now, c.last, ready=c.ready) for c in state.containers
        ),
        conditions=_conditions(state.containers),
        deleting=not state.active,
        by_replica_set=by_replica_set,
        uid=state.uid,
    )


def _conditions(containers: list[ContainerState]) -> tuple[Condition, ...]:
    unready = " ".join(c.spec.name for c in containers if not c.ready)
    reason = "ContainersNotReady" if unready else ""
    message = f"containers with unready status: [{unready}]" if unready else ""
    return (
        Condition("PodReadyToStartContainers", status=True),
        Condition("Initialized", status=True),
        Condition("Ready", not unready, reason, message),
        Condition("ContainersReady", not unready, reason, message),
        Condition("PodScheduled", status=True),
    )


def revision(history: History, item: Item) -> Revision:
    return Revision(
        number=history.number,
        template=history.hash,
        images={c.name: c.image for c in history.template.containers},
        created=history.created,
        cause=history.cause,
        current=history.hash == item.hash,
    )
