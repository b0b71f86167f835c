"""For how long an image has run healthy somewhere: what the promotion order asks before it lets it go on."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct
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
    stays = _healthy(ports, order.service, after, image.digest)
    return replace(
        planned,
        image=image.label,
        healthy=_shortest([stay.longest for stay in stays]),
        standing=_shortest([stay.present for stay in stays]),
    )


class Stay(Struct, frozen=True):
    """For how long a workload ran an image healthy: at its longest, and up to now. None where it did not."""

    longest: timedelta | None = None
    present: timedelta | None = None


def _healthy(ports: Ports, service: str, environment: str, digest: str | None) -> list[Stay]:
    try:
        workloads = ports.workloads(service, ports.catalogue.environment(environment))
    except NotFound:
        return []
    return [_stayed(ports, workload, digest) for workload in workloads] if digest else []


def _shortest(spans: Sequence[timedelta | None]) -> timedelta | None:
    """None where one of them is."""
    known = [span for span in spans if span is not None]
    return min(known) if known and len(known) == len(spans) else None


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


def _stayed(ports: Ports, workload: Workload, digest: str | None) -> Stay:
    """By the rollouts that are known."""
    known, now = ports.store.recent_rollouts(workload.target, KNOWN), ports.clock.now()
    if not known:
        standing = _standing(ports, workload, digest)
        return Stay(standing, standing)
    ended = [(_end(known[:n], digest), one) for n, one in enumerate(known) if _is_healthy(one, digest)]
    longest = max(((end or now) - _since(one) for end, one in ended), default=None)
    return Stay(longest, max((now - _since(one) for end, one in ended if end is None), default=None))


def _standing(ports: Ports, workload: Workload, digest: str | None) -> timedelta | None:
    """What stood there before anybody followed it: as long as its revision, if it is healthy now."""
    runs = {references.image(container.image).digest for container in workload.containers}
    if digest not in runs or judge(workload).phase is not Phase.DONE:
        return None
    revisions = ports.cluster_of(workload.target).revisions(workload)
    return next((ports.clock.now() - r.created for r in revisions if r.current), None)


def _is_healthy(one: Rollout, digest: str | None) -> bool:
    return one.digest == digest and one.phase is Phase.PROVEN and one.finished is not None


def _since(one: Rollout) -> datetime:
    return one.healthy_since or one.finished or one.started


def _end(newer: Sequence[Rollout], digest: str | None) -> datetime | None:
    """When another image came; None where none did."""
    return min((rollout.started for rollout in newer if rollout.digest != digest), default=None)
