"""What is wrong with a pod as a whole, or with there being none."""

import re
from collections.abc import Sequence

from msgspec.structs import replace

from bot.core.diagnosis.case import Case, Diagnosis
from bot.core.diagnosis.containers import examine
from bot.core.diagnosis.noise import first_line, refusal, schedule, start, strip
from bot.core.workload import ClusterEvent, ContainerStatus, Pod, Workload

_MOUNT = re.compile(r"MountVolume\.\w+ failed for volume \"([^\"]+)\" ?: (.*)", re.DOTALL)
_PATIENCE, _MOUNT_PATIENCE = 30, 60
BLOCKED, _UNBLOCKING = "blocked", 20
_CONTROLLERS = frozenset({"ReplicaSet", "StatefulSet", "DaemonSet", "Deployment"})
_PREPARING = frozenset({"ContainerCreating", "PodInitializing", ""})


def pod_trouble(case: Case) -> Diagnosis | None:
    if case.pod.phase == "Succeeded":
        return None
    whole = _ended(case) or _unscheduled(case) or _lost(case)
    if whole:
        return whole
    troubles = [found for status in _in_order(case.pod) if (found := examine(case, status))]
    return min(troubles, key=lambda found: not found.certain) if troubles else _unprepared(case)


def no_pod(workload: Workload, pods: Sequence[Pod], events: Sequence[ClusterEvent]) -> Diagnosis | None:
    """Where no pod may be made there is no pod to look at: the condition says it, for a Deployment, else an event."""
    said = _refused(workload) or (_not_made(events) if len(pods) < workload.wanted else "")
    if not said:
        return None
    found = refusal(said)
    missing = max(1, workload.wanted - len(pods))
    return Diagnosis(code=found.code, sentence=found.sentence, certain=True, pods_affected=missing)


def blocked(workload: Workload, cases: Sequence[Case]) -> Diagnosis | None:
    """An ordered StatefulSet waits for each pod, also for one of an older revision that never comes up."""
    old = [c for c in cases if c.pod.template not in ("", workload.template) and not (c.pod.ready or c.pod.deleting)]
    for case in old if workload.ordered else ():
        if trouble := pod_trouble(case):
            said = trouble.sentence[:1].lower() + trouble.sentence[1:]
            return replace(
                trouble,
                code=BLOCKED,
                sentence=f"Waits for ever for {case.pod.name}, which is of an older revision and {said}",
                certain=trouble.certain and case.waited(workload.changed, _UNBLOCKING),
            )
    return None


def _refused(workload: Workload) -> str:
    condition = workload.condition("ReplicaFailure")
    return condition.message if condition and condition.status else ""


def _not_made(events: Sequence[ClusterEvent]) -> str:
    """The newest word about making pods, if it was no."""
    told = [e for e in events if e.kind in _CONTROLLERS and e.reason in ("FailedCreate", "SuccessfulCreate")]
    newest = max(told, key=lambda e: e.at, default=None)
    return newest.message if newest and newest.reason == "FailedCreate" else ""


def _in_order(pod: Pod) -> list[ContainerStatus]:
    return sorted(pod.containers, key=lambda c: not c.init)


def _ended(case: Case) -> Diagnosis | None:
    """An evicted pod stays beside its replacement; its log is gone."""
    pod = case.pod
    if pod.phase != "Failed" or not pod.reason:
        return None
    code, verb = ("evicted", "Evicted") if pod.reason == "Evicted" else ("pod_failed", f"Ended with {pod.reason}")
    where = f" from {pod.node}" if pod.node and code == "evicted" else ""
    why = _sentence(pod.message)
    return Diagnosis(code=code, sentence=f"{verb}{where}{f': {why}' if why else ''}.", pod=pod.name, certain=True)


def _sentence(text: str) -> str:
    return re.split(r"\.\s", text.strip(), maxsplit=1)[0].rstrip(". ")


def _unscheduled(case: Case) -> Diagnosis | None:
    """Room may still be made, by an autoscaler or by old pods that end; a missing claim or label comes from nobody."""
    condition = next((c for c in case.pod.conditions if c.type == "PodScheduled"), None)
    if condition is None or condition.status or condition.reason != "Unschedulable":
        return None
    told = (e.message for e in reversed(case.events) if e.reason == "FailedScheduling")
    said = condition.message or next(told, "")
    growing = any(e.reason == "TriggeredScaleUp" for e in case.events)
    may_pass = "Insufficient" in said or growing
    return Diagnosis(
        code="unschedulable",
        sentence=f"Cannot be scheduled: {schedule(said)}{'; a node is being added' if growing else ''}.",
        pod=case.pod.name,
        certain=not may_pass or (not growing and case.waited(case.pod.created, _PATIENCE)),
    )


def _lost(case: Case) -> Diagnosis | None:
    """A dead node leaves everything as it was but the pod's own condition, which turns false without a reason."""
    pod = case.pod
    ready = next((c for c in pod.conditions if c.type == "Ready"), None)
    wordless = ready is not None and not ready.status and not ready.reason and not ready.message
    told = any(e.reason == "NodeNotReady" for e in case.events) and (ready is None or not ready.reason)
    running = pod.phase == "Running" and all(c.now.state == "running" for c in pod.containers if not c.init)
    if pod.ready or not (pod.reason == "NodeLost" or (running and (wordless or told))):
        return None
    return Diagnosis(
        code="node_lost",
        sentence=f"Lost with its node: {pod.node or 'it'} does not answer.",
        pod=pod.name,
        certain=True,
    )


def _unprepared(case: Case) -> Diagnosis | None:
    """Volumes and network come before containers, and what fails there stands in the events alone."""
    if not all(c.now.state == "waiting" and c.now.reason in _PREPARING for c in case.pod.containers if not c.init):
        return None
    for event in reversed(case.events):
        if event.reason in ("FailedMount", "FailedAttachVolume"):
            return _unmounted(case, event)
        if event.reason == "FailedCreatePodSandBox":
            return _without_network(case, event)
    return None


def _unmounted(case: Case, event: ClusterEvent) -> Diagnosis:
    found = _MOUNT.match(event.message)
    what, why = (f"volume {found[1]}", found[2]) if found else ("its volumes", event.message)
    final = "not found" in why or case.waited(case.pod.created, _MOUNT_PATIENCE)
    sentence = f"Cannot mount {what}: {first_line(why)}."
    return Diagnosis(code="mount", sentence=sentence, pod=case.pod.name, certain=final)


def _without_network(case: Case, event: ClusterEvent) -> Diagnosis:
    why = first_line(start(strip(event.message, (r"Failed to create pod sandbox: ",))))
    late = case.waited(case.pod.created, _MOUNT_PATIENCE)
    return Diagnosis(code="sandbox", sentence=f"Cannot prepare its pod: {why}.", pod=case.pod.name, certain=late)
