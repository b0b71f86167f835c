"""What the follower knows of one workload: how it stands, its pods, its open rollouts."""

from dataclasses import dataclass, field
from datetime import datetime

from bot.core.catalogue import Environment
from bot.core.diagnosis import Diagnosis, diagnose
from bot.core.events import Rollout
from bot.core.references import image, label
from bot.core.rollout import judge, was_available
from bot.core.workload import ClusterEvent, Kind, Phase, Pod, Workload
from bot.engine.origin import Origin


@dataclass(slots=True)
class Subject:
    """`begun` is whether it was under way at first sight."""

    environment: Environment
    workload: Workload
    service: str
    examined: datetime
    pods: dict[str, Pod] = field(default_factory=dict)
    open: list[Rollout] = field(default_factory=list)
    ended: list[Rollout] = field(default_factory=list)
    events: list[ClusterEvent] = field(default_factory=list)
    failed: str = ""
    begun: bool = False

    def diagnose(self, now: datetime) -> Diagnosis | None:
        return diagnose(self.workload, list(self.pods.values()), self.events, now)

    def template_changed(self, before: Workload) -> bool:
        return self.workload.template != before.template

    def scaled(self, before: Workload) -> bool:
        return self.workload.wanted != before.wanted and self.workload.target.kind is not Kind.DAEMON_SET

    def restaged(self, before: Workload) -> bool:
        """Another part of its pods is to be new: a rollout without a new template."""
        return self.workload.partition != before.partition and self.workload.target.kind is Kind.STATEFUL_SET


def uid_of(key: str) -> str:
    """The workload's, of the key of a rollout or of an incident."""
    return key.rsplit("/", 2)[1]


def begun(workload: Workload) -> bool:
    """Is it on its way, as far as can be told at first sight?"""
    return judge(workload).phase not in (Phase.DONE, Phase.FAILED) and not was_available(workload)


def begin(subject: Subject, before: Workload | None, origin: Origin, now: datetime) -> Rollout:
    """The key holds the generation: known from the answer to the patch on, and never used twice."""
    workload = subject.workload
    changed = before is None or subject.template_changed(before)
    container = _container(workload, before)
    return Rollout(
        key=f"rollout:{workload.target.cluster}/{workload.uid}/{workload.generation}",
        target=workload.target,
        service=origin.service,
        verb=origin.verb,
        revision=workload.revision,
        template=workload.template,
        image=label(workload.container(container).image),
        previous=label(before.container(container).image) if before else origin.previous,
        previous_revision=before.revision if before else None,
        phase=Phase.PROGRESSING,
        ready=judge(workload).ready if workload.observed >= workload.generation or not changed else 0,
        wanted=judge(workload).wanted,
        started=now,
        changed=now,
        progressed=now,
        by=origin.by,
        order=origin.order,
        who=origin.who,
        generation=workload.generation,
        digest=image(workload.container(container).image).digest or "",
        marks=origin.marks,
        were=before.wanted if before and origin.scales else None,
    )


def _container(workload: Workload, before: Workload | None) -> str:
    """The container whose image changed is the one people talk about, else the first."""
    if before:
        old = {c.name: c.image for c in before.containers}
        for container in workload.containers:
            if old.get(container.name) != container.image:
                return container.name
    return workload.containers[0].name
