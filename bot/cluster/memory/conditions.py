"""What a Deployment says of itself: the reasons and sentences are Kubernetes', word for word."""

from datetime import timedelta

from msgspec.structs import replace

from bot.cluster.memory.spec import unavailable
from bot.cluster.memory.state import History, Item, Status
from bot.cluster.memory.world import World
from bot.core.workload import Condition

PROGRESSING = "Progressing"
COMPLETE = "NewReplicaSetAvailable"
TIMED_OUT = "ProgressDeadlineExceeded"
PAUSED = "DeploymentPaused"


def created(world: World, item: Item, new: History) -> None:
    _progress(world, item, "NewReplicaSetCreated", f'Created new replica set "{new.name}"')


def deployment(world: World, item: Item, new: History | None) -> None:
    """Compare with what was said last; progress is a count that moved, not time that passed."""
    before = item.status
    after = counts(item, new)
    _pauses(world, item)
    progressing = item.status.condition(PROGRESSING)
    finished = progressing is not None and progressing.reason == COMPLETE and after.current == after.updated
    if not finished and new is not None and not item.spec.paused:
        _judge(world, item, new, before, after)
    status = replace(after, conditions=_conditions(item, after))
    if status != before:
        item.status = status
        world.touch(item)


def counts(item: Item, new: History | None) -> Status:
    active = item.active()
    updated = item.active(new) if new else []
    return Status(
        observed=item.generation,
        revision=new.number if new else item.status.revision,
        wanted=item.spec.replicas,
        current=len(active),
        updated=len(updated),
        ready=sum(1 for p in active if p.ready),
        updated_ready=sum(1 for p in updated if p.ready),
    )


def complete(item: Item) -> bool:
    return _complete(item, item.status)


def _complete(item: Item, status: Status) -> bool:
    return status.updated == status.current == status.ready == item.spec.replicas


def _judge(world: World, item: Item, new: History, before: Status, after: Status) -> None:
    progressing = before.condition(PROGRESSING)
    if _complete(item, after):
        _progress(world, item, COMPLETE, f'ReplicaSet "{new.name}" has successfully progressed.')
    elif _moved(before, after):
        _progress(world, item, "ReplicaSetUpdated", f'ReplicaSet "{new.name}" is progressing.')
    elif progressing and progressing.reason != COMPLETE and _late(world, item):
        _progress(world, item, TIMED_OUT, f'ReplicaSet "{new.name}" has timed out progressing.', holds=False)


def _moved(before: Status, after: Status) -> bool:
    return (
        after.updated > before.updated
        or after.current - after.updated < before.current - before.updated
        or after.ready > before.ready
    )


def _late(world: World, item: Item) -> bool:
    return item.progressed is not None and world.now - item.progressed >= timedelta(seconds=item.spec.deadline)


def _pauses(world: World, item: Item) -> None:
    """A pause stops the deadline's clock, unless the deadline was already missed."""
    said = item.status.condition(PROGRESSING)
    reason = said.reason if said else ""
    if item.spec.paused and reason not in (PAUSED, TIMED_OUT):
        _progress(world, item, PAUSED, "Deployment is paused", holds=False)
    elif not item.spec.paused and reason == PAUSED:
        _progress(world, item, "DeploymentResumed", "Deployment is resumed", holds=False)


def _progress(world: World, item: Item, reason: str, message: str, *, holds: bool = True) -> None:
    said = item.status.condition(PROGRESSING)
    if said and said.reason == reason == TIMED_OUT:
        return
    others = tuple(c for c in item.status.conditions if c.type != PROGRESSING)
    item.status = replace(item.status, conditions=(*others, Condition(PROGRESSING, holds, reason, message)))
    item.progressed = world.now
    world.touch(item)
    if reason not in (COMPLETE, TIMED_OUT, PAUSED):
        world.wake(item, world.now + timedelta(seconds=item.spec.deadline))


def _conditions(item: Item, status: Status) -> tuple[Condition, ...]:
    progressing = item.status.condition(PROGRESSING)
    enough = status.ready >= item.spec.replicas - unavailable(item.spec, item.spec.replicas)
    word = "has" if enough else "does not have"
    reason = "MinimumReplicasAvailable" if enough else "MinimumReplicasUnavailable"
    found = [Condition("Available", enough, reason, f"Deployment {word} minimum availability.")]
    failures = [h.failure for h in sorted(item.histories, key=lambda h: -h.number) if h.failure]
    if failures:
        found.append(Condition("ReplicaFailure", status=True, reason="FailedCreate", message=failures[0]))
    return (*found, progressing) if progressing else tuple(found)
