"""Which workloads are in trouble outside a rollout. The follower's thread only; it makes no call to a cluster."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial

from msgspec.structs import replace

from bot.core.events import Incident
from bot.core.incident import CODES, begin, breaks, ended, goes_on, trouble
from bot.core.workload import Phase, Pod
from bot.engine.saving import Surely
from bot.engine.subject import Subject, uid_of
from bot.plans.evidence import Evidence
from bot.ports import Ports

LOOK_EVERY = timedelta(seconds=30)
GIVEN_UP = timedelta(minutes=10)

TellIncident = Callable[[Incident], None]


class Incidents:
    def __init__(self, ports: Ports, tell: TellIncident, examine: Callable[[Subject], None]) -> None:
        self._ports = ports
        self._tell = tell
        self._examine = examine
        self._surely: Surely[str] = Surely()
        self._open: dict[str, Incident] = {}
        self._look_at: datetime | None = None
        self._leads_since: datetime | None = None

    def take_over(self) -> None:
        """What is told again is the same words under the same key: nobody hears it twice, and nothing is lost.

        Before it is known what goes on, nothing begins.
        """
        for incident in self._ports.store.open_incidents():
            self._keep(incident)
            self._tell(incident)
        self._leads_since = self._ports.clock.now()

    def let_go(self) -> None:
        self._leads_since = None
        self._surely.leave()
        self._open.clear()
        self._look_at = None

    def see(self, subject: Subject, pod: Pod | None = None) -> None:
        """What is well and was well is passed over at once."""
        if self._leads_since is None:
            return
        now = self._ports.clock.now()
        suspects = [pod] if pod else subject.pods.values()
        if subject.workload.uid in self._open or any(breaks(each, now) for each in suspects):
            self._surely(subject.workload.uid, partial(self._look, subject))

    def examined(self, subject: Subject, found: Evidence) -> None:
        """The events name a probe that killed it, and the log its last words."""
        incident = self._open.get(subject.workload.uid)
        if incident is None or incident.calm_since or not found.trouble or found.trouble.code not in CODES:
            return
        told = replace(incident, code=found.trouble.code, sentence=found.trouble.sentence)
        self._change(incident, replace(told, heading=found.heading, evidence=found.lines))

    def gone(self, uid: str) -> None:
        self._surely.forget(uid)
        incident = self._open.get(uid)
        if incident:
            self._change(incident, ended(incident, self._ports.clock.now()))

    def tick(self, subjects: Mapping[str, Subject]) -> None:
        now = self._ports.clock.now()
        self._surely.again()
        if self._look_at is None or now < self._look_at:
            return
        self._look_at = now + LOOK_EVERY
        for uid in list(self._open):
            subject = subjects.get(uid)
            if subject and not self._ports.unseen(subject.environment):
                self._look(subject)
            elif subject is None and self._leads_since and now - self._leads_since >= GIVEN_UP:
                self.gone(uid)

    def dues(self, now: datetime) -> list[datetime]:
        return [due for due in (self._look_at, self._surely.next_due(now)) if due]

    def _look(self, subject: Subject) -> None:
        if subject.open:
            return
        now = self._ports.clock.now()
        workload, pods = subject.workload, list(subject.pods.values())
        before = self._open.get(workload.uid)
        found = trouble(workload, pods, subject.events, now)
        if before:
            self._change(before, goes_on(before, found, workload, pods, now), subject)
        elif found and not self._told(subject):
            incident = begin(workload, subject.service, found, now)
            self._change(None, incident, subject)

    def _told(self, subject: Subject) -> bool:
        """Its rollout failed and said so, with the same diagnosis. Asked once for each template."""
        template = subject.workload.template
        if subject.failed != template:
            last = self._ports.store.recent_rollouts(subject.workload.target, 1)
            known = bool(last) and last[0].template == template and last[0].phase is Phase.FAILED
            subject.failed = template if known else ""
        return bool(subject.failed)

    def _change(self, before: Incident | None, after: Incident, subject: Subject | None = None) -> None:
        if after == before:
            return
        self._keep(after)
        self._surely(after.key, partial(self._note, after))
        if subject and not after.calm_since and (before is None or before.code != after.code or before.calm_since):
            self._examine(subject)

    def _note(self, incident: Incident) -> None:
        self._ports.store.save_incident(incident)
        self._tell(incident)

    def _keep(self, incident: Incident) -> None:
        uid = uid_of(incident.key)
        if incident.over:
            self._open.pop(uid, None)
        else:
            self._open[uid] = incident
        self._look_at = self._ports.clock.now() + LOOK_EVERY if self._open else None
