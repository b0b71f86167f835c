"""For how long an image has run healthy somewhere: what the promotion order asks before it lets it go on."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from bot.core import references
from bot.core.errors import NotFound
from bot.core.events import Rollout
from bot.core.model import Order
from bot.core.policy import Planned
from bot.core.rollout import judge
from bot.core.workload import Image, Phase, Revision, Workload
from bot.ports import Ports

KNOWN = 50


def proven(ports: Ports, order: Order, image: Image | None, planned: Planned) -> Planned:
    """With what the policy has to know of an order that brings this image there."""
    known = ports.catalogue.environments.get(order.environment or "")
    after = known.after if known else None
    if image is None or after is None or order.service is None:
        return planned
    return replace(planned, image=image.label, healthy=healthy(ports, order.service, after, image.digest))


def healthy(ports: Ports, service: str, environment: str, digest: str | None) -> timedelta | None:
    """The shortest of its workloads' times; None where one of them never ran it healthy."""
    try:
        workloads = ports.workloads(service, ports.catalogue.environment(environment))
    except NotFound:
        return None
    spans = [_span(ports, workload, digest) for workload in workloads]
    known = [span for span in spans if span is not None]
    return min(known) if digest and known and len(known) == len(spans) else None


def failed_here(ports: Ports, workload: Workload) -> dict[str, Rollout]:
    """By its template, what failed when it was last brought here."""
    known = ports.store.recent_rollouts(workload.target, KNOWN)
    last = {rollout.template: rollout for rollout in reversed(known) if rollout.verb != "scale"}
    return {template: rollout for template, rollout in last.items() if rollout.phase is Phase.FAILED}


def way_back(ports: Ports, workload: Workload, revisions: Sequence[Revision]) -> tuple[Revision, str] | None:
    """The last that did not fail here, and what follows `rollback <service>` to go there."""
    failed, before = failed_here(ports, workload), [r for r in revisions if not r.current]
    good = [r for r in before if r.template not in failed]
    if not good:
        return None
    to = "" if good[-1] is before[-1] else f" to {good[-1].number}"
    return good[-1], f"{to} in {workload.target.environment}"


def _span(ports: Ports, workload: Workload, digest: str | None) -> timedelta | None:
    """Its longest stay, by the rollouts that are known."""
    known = ports.store.recent_rollouts(workload.target, KNOWN)
    if not known:
        return _standing(ports, workload, digest)
    stays = [stay for n, one in enumerate(known) if (stay := _stay(one, known[:n], digest, ports.clock.now()))]
    return max(stays, default=None)


def _standing(ports: Ports, workload: Workload, digest: str | None) -> timedelta | None:
    """What stood there before anybody followed it: as long as its revision, if it is healthy now."""
    runs = {references.image(container.image).digest for container in workload.containers}
    if digest not in runs or judge(workload).phase is not Phase.DONE:
        return None
    revisions = ports.cluster_of(workload.target).revisions(workload)
    return next((ports.clock.now() - r.created for r in revisions if r.current), None)


def _stay(one: Rollout, newer: Sequence[Rollout], digest: str | None, now: datetime) -> timedelta | None:
    """From when it was healthy to when another image came; none where it never was."""
    if one.digest != digest or one.phase is not Phase.PROVEN or one.finished is None:
        return None
    replaced = [rollout.started for rollout in newer if rollout.digest != digest]
    return (min(replaced) if replaced else now) - (one.healthy_since or one.finished)
