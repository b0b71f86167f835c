"""Whose a pod is, and of which template."""

from collections.abc import Iterable, Sequence

from bot.cluster.kubernetes.histories import History
from bot.cluster.kubernetes.nouns import REPLICA_SET
from bot.cluster.kubernetes.shapes import PodObject
from bot.cluster.kubernetes.templates import REVISION_HASH
from bot.core.workload import Kind, Workload


def belonging(pods: Iterable[PodObject], workload: Workload, past: Sequence[History]) -> list[PodObject]:
    """A selector may match what others own: only the controller's reference counts."""
    sets = {h.uid for h in past} if workload.target.kind is Kind.DEPLOYMENT else {workload.uid}
    return [p for p in pods if (owner := p.metadata.controller) and owner.uid in sets]


def template_of(pod: PodObject, past: Iterable[History]) -> str:
    """Empty where its revision is gone."""
    return next((h.template for h in past if bears(pod, h)), "")


def bears(pod: PodObject, history: History) -> bool:
    owner = pod.metadata.controller
    if owner is None or owner.kind == REPLICA_SET:
        return owner is not None and owner.uid == history.uid
    return owner.uid == history.owner and history.name in revision_names(pod)


def revision_names(pod: PodObject) -> tuple[str, ...]:
    """A StatefulSet labels its pods with the revision's name, a DaemonSet with the end of it."""
    owner = pod.metadata.controller
    label = (pod.metadata.labels or {}).get(REVISION_HASH, "")
    return (label, f"{owner.name}-{label}") if owner and label else ()
