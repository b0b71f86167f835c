"""Where a rollout stands. Done is exactly what `kubectl rollout status` calls done, and never a pod earlier."""

from msgspec import Struct

from bot.core.diagnosis.noise import refusal
from bot.core.words import count, span
from bot.core.workload import Kind, Phase, Workload

ON_DELETE = "OnDelete"
AVAILABLE = "NewReplicaSetAvailable"
DEADLINE_EXCEEDED = "ProgressDeadlineExceeded"


class Judgement(Struct, frozen=True):
    """`ready` of `wanted` pods are new and serve. `reason` is for a line of text, `detail` the cluster's own words."""

    phase: Phase
    ready: int
    wanted: int
    reason: str = ""
    detail: str = ""


def judge(workload: Workload) -> Judgement:
    wanted, ready = _wanted(workload), _ready(workload)

    def is_(phase: Phase, reason: str = "", detail: str = "") -> Judgement:
        return Judgement(phase=phase, ready=ready, wanted=wanted, reason=reason, detail=detail)

    if workload.observed < workload.generation:
        return is_(Phase.PAUSED) if workload.paused else is_(Phase.PROGRESSING, "not yet seen by its controller")
    if timed_out := _timed_out(workload):
        return is_(Phase.FAILED, f"No progress within {span(workload.deadline)}.", timed_out)
    if workload.strategy == ON_DELETE and (old := _old(workload)):
        return is_(Phase.RECORDED, f"recorded, {count(old, 'pod')} still old")
    if _complete(workload) and ready >= wanted:
        return is_(Phase.DONE, _below_partition(workload))
    if workload.paused:
        return is_(Phase.PAUSED)
    if refused := _refused(workload):
        return is_(Phase.STUCK, refusal(refused).sentence, refused)
    return is_(Phase.PROGRESSING, _missing(workload, ready))


def was_available(workload: Workload) -> bool:
    """Its controller called this very template complete once, and keeps saying so whatever becomes of its pods.

    Until it has seen a change, what it says is about the template before.
    """
    condition = workload.condition("Progressing") if workload.observed >= workload.generation else None
    return condition is not None and condition.status and condition.reason == AVAILABLE


def _wanted(workload: Workload) -> int:
    """Pods below a partition are meant to stay old."""
    return max(0, workload.wanted - _partition(workload))


def _partition(workload: Workload) -> int:
    staged = workload.target.kind is Kind.STATEFUL_SET and workload.strategy != ON_DELETE
    return workload.partition if staged else 0


def _ready(workload: Workload) -> int:
    """New pods that serve. Where nobody counted them apart from the old ones, assume the worst."""
    serving = workload.ready if workload.target.kind is Kind.STATEFUL_SET else workload.available
    new = workload.updated_ready
    least = serving - _old(workload) if new is None else new
    return max(0, min(least, serving, workload.updated, _wanted(workload)))


def _old(workload: Workload) -> int:
    return max(0, workload.current - workload.updated)


def _complete(workload: Workload) -> bool:
    if workload.target.kind is Kind.STATEFUL_SET:
        return workload.ready >= workload.wanted and workload.updated >= _wanted(workload)
    if workload.target.kind is Kind.DAEMON_SET:
        return workload.updated >= workload.wanted and workload.available >= workload.wanted
    none_old = workload.current <= workload.updated
    return workload.updated >= workload.wanted and none_old and workload.available >= workload.updated


def _timed_out(workload: Workload) -> str:
    condition = workload.condition("Progressing")
    exceeded = condition is not None and condition.reason == DEADLINE_EXCEEDED
    return (condition.message or DEADLINE_EXCEEDED) if condition and exceeded else ""


def _refused(workload: Workload) -> str:
    condition = workload.condition("ReplicaFailure")
    return condition.message or condition.reason if condition and condition.status else ""


def _below_partition(workload: Workload) -> str:
    staged = min(_partition(workload), workload.wanted)
    return f"{count(staged, 'pod')} below partition {workload.partition} left as before" if staged else ""


def _missing(workload: Workload, ready: int) -> str:
    waiting = min(workload.updated, _wanted(workload)) - ready
    unmade = _wanted(workload) - workload.updated
    if waiting > 0:
        return f"{waiting} waiting for readiness"
    if unmade > 0:
        return f"{unmade} still to be replaced"
    old = _old(workload)
    return f"{count(old, 'old pod')} still ending" if old else "waiting for readiness"
