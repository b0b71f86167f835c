"""Pods and events → the one sentence that says why. Words and order in time as a real node writes them."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from bot.core.diagnosis.case import Case, Diagnosis
from bot.core.diagnosis.crashes import architecture, foreign
from bot.core.diagnosis.pods import blocked, no_pod, pod_trouble
from bot.core.workload import ClusterEvent, Pod, Workload

__all__ = ["Diagnosis", "diagnose", "is_log", "refine"]

NO_LOG = "unable to retrieve container logs for "
_LAST = ("quota", "admission", "evicted")


def diagnose(
    workload: Workload, pods: Sequence[Pod], events: Sequence[ClusterEvent], now: datetime | None = None
) -> Diagnosis | None:
    """None for a workload that is well, or whose trouble nobody has put into words yet.

    Only pods of the newest template count: old ones are on their way out. Without `now`, a container that runs and is
    ready is well, however lately it crashed.
    """
    newest = [pod for pod in pods if pod.template == workload.template and not pod.deleting]
    found = [trouble for pod in newest if (trouble := pod_trouble(_case(workload, pod, events, now)))]
    if sum(pod.ready for pod in newest) >= workload.wanted:
        found = [trouble for trouble in found if trouble.code not in _LAST]
    elif refused := no_pod(workload, [p for p in newest if p.phase != "Failed"], events):
        found.append(refused)
    return _worst(found) or blocked(workload, [_case(workload, p, events, now) for p in pods])


def refine(diagnosis: Diagnosis, lines: Sequence[str]) -> Diagnosis:
    """A log can name a cause that no status has: a binary for another processor only says so there."""
    if diagnosis.code in ("crash", "init") and foreign(lines):
        return architecture(diagnosis)
    return diagnosis


def is_log(line: str) -> bool:
    """False for what the node answers, with 200, where the log is gone."""
    return not line.lstrip().startswith(NO_LOG)


def _case(workload: Workload, pod: Pod, events: Sequence[ClusterEvent], now: datetime | None) -> Case:
    own = sorted((e for e in events if e.kind == "Pod" and e.name == pod.name), key=lambda e: e.at)
    return Case(workload=workload, pod=pod, events=tuple(own), now=now)


def _worst(found: Sequence[Diagnosis]) -> Diagnosis | None:
    """What is certain, then what a pod says over what its absence says, then what strikes most pods."""
    often = Counter(trouble.code for trouble in found)
    if not found:
        return None
    worst = min(found, key=lambda t: (not t.certain, t.code in _LAST, -often[t.code], t.code, t.pod))
    return replace(worst, pods_affected=max(worst.pods_affected, often[worst.code]))
