"""How a team delivers, by the four measures that most teams know, from what was followed and nothing else."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from statistics import median

from msgspec import Struct

from bot.core.events import Rollout
from bot.core.live import worst
from bot.core.release import BUILD, MERGE, Release, moves
from bot.core.workload import Phase

DEFINITIONS = (
    "A deployment brings another image to {environment} and ends there, well or not; rollbacks are none.",
    "Lead time: from the merge, else from the start of the first build, to healthy there.",
    "Failed: it did not become healthy, or was rolled back, however soon.",
    "Time to restore: from the failure, or from the order to roll back, until it was healthy there again.",
)


ENDED = (Phase.PROVEN, Phase.FAILED, Phase.SUPERSEDED)


class Stats(Struct, frozen=True):
    """`leads` and `restores` are those that could be measured: not every release tells when it was merged."""

    deployments: int = 0
    failed: int = 0
    leads: tuple[timedelta, ...] = ()
    restores: tuple[timedelta, ...] = ()
    unrestored: int = 0

    @property
    def lead(self) -> timedelta | None:
        return _middle(self.leads)

    @property
    def restore(self) -> timedelta | None:
        return _middle(self.restores)


class Deployment(Struct, frozen=True):
    """The rollouts of one order, as one; somebody else's rollout stands for itself."""

    service: str
    phase: Phase
    rollback: bool
    image: str
    previous: str
    started: datetime
    ended: datetime
    keys: frozenset[str]


def measure(rollouts: Iterable[Rollout], releases: Mapping[str, Sequence[Release]]) -> Stats:
    """Of one environment, whatever the services. `releases` are those of each."""
    stats = Stats()
    deployments = _deployments(rollouts)
    for service in dict.fromkeys(d.service for d in deployments):
        mine = [d for d in deployments if d.service == service]
        stats = _sum(stats, _of_service(mine, releases.get(service, ())))
    return stats


def _of_service(mine: Sequence[Deployment], releases: Sequence[Release]) -> Stats:
    ends = [(d, _failure(d, mine)) for d in mine if not d.rollback]
    forward = [d for d, end in ends if end or d.phase is not Phase.SUPERSEDED]
    failures = [(d, end) for d, end in ends if end]
    restores = [_restored(end, d, mine) for d, end in failures]
    leads = [lead for d in forward if d.phase is Phase.PROVEN and (lead := _lead(d, releases)) is not None]
    known = tuple(r for r in restores if r is not None)
    return Stats(len(forward), len(failures), tuple(leads), known, len(restores) - len(known))


def _deployments(rollouts: Iterable[Rollout]) -> list[Deployment]:
    grouped: dict[str, list[Rollout]] = {}
    for rollout in rollouts:
        if moves(rollout) and rollout.phase in ENDED:
            grouped.setdefault(rollout.order or rollout.key, []).append(rollout)
    return sorted((_one(group) for group in grouped.values()), key=lambda d: (d.started, d.ended))


def _one(group: Sequence[Rollout]) -> Deployment:
    """What was superseded says nothing, unless nobody waited for the verdict of any."""
    first = worst([r for r in group if r.phase is not Phase.SUPERSEDED] or group)
    return Deployment(
        first.service,
        first.phase,
        first.verb == "rollback",
        first.image,
        first.previous,
        min(r.started for r in group),
        max(r.finished or r.changed for r in group),
        frozenset(r.key for r in group),
    )


def _failure(deployment: Deployment, mine: Sequence[Deployment]) -> datetime | None:
    """When it was known that it is no good."""
    if deployment.phase is Phase.FAILED:
        return deployment.ended
    since = deployment.started if deployment.phase is Phase.SUPERSEDED else deployment.ended
    after = next((d for d in mine if d is not deployment and d.started >= since), None)
    return after.started if after and after.rollback and after.previous == deployment.image else None


def _restored(failed: datetime, deployment: Deployment, mine: Sequence[Deployment]) -> timedelta | None:
    ends = [d.ended for d in mine if d is not deployment and d.phase is Phase.PROVEN and d.ended > failed]
    return min(ends) - failed if ends else None


def _lead(deployment: Deployment, releases: Sequence[Release]) -> timedelta | None:
    for release in releases:
        if any(part.key in deployment.keys for part in release.parts):
            for stage in (MERGE, BUILD):
                if begun := [part.at for part in release.parts if part.stage == stage]:
                    return deployment.ended - min(begun)
    return None


def _middle(lengths: Sequence[timedelta]) -> timedelta | None:
    return timedelta(seconds=median(length.total_seconds() for length in lengths)) if lengths else None


def _sum(one: Stats, other: Stats) -> Stats:
    return Stats(
        one.deployments + other.deployments,
        one.failed + other.failed,
        one.leads + other.leads,
        one.restores + other.restores,
        one.unrestored + other.unrestored,
    )
