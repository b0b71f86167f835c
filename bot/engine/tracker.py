"""What is known of every workload, and what becomes of its rollouts. One thread only: the follower's.

It makes no call to a cluster: what it lacks (events, log lines) it asks of `examine` and gets back later.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from msgspec.structs import replace

from bot.core.catalogue import Environment, Logs
from bot.core.diagnosis import Diagnosis
from bot.core.events import Rollout
from bot.core.progress import DELETED, advance, counted, due, looked_at, mended_by_policy, supersede
from bot.core.rollout import judge
from bot.core.workload import Phase, Pod, Workload
from bot.engine.incidents import Incidents, TellIncident
from bot.engine.origin import Origin, origin
from bot.engine.saving import Surely
from bot.engine.shared import Shared, Tell
from bot.engine.subject import Subject, begin, begun, uid_of
from bot.plans.evidence import Evidence
from bot.ports import Ports

EXAMINE_EVERY = timedelta(seconds=3)

Follows = Callable[[str | None], bool]


class Tracker:
    """`follows` says whether the rollouts of an order (None: of nobody here) are this process's to follow."""

    def __init__(
        self,
        ports: Ports,
        tell: Tell,
        tell_incident: TellIncident,
        examine: Callable[[Subject], None],
        follows: Follows,
    ) -> None:
        self._ports = ports
        self._examine = examine
        self._follows = follows
        self._incidents = Incidents(ports, tell_incident, examine)
        self.shared = Shared(ports, tell)
        self._subjects: dict[str, Subject] = {}
        self._active: dict[str, Subject] = {}
        self._uids: dict[tuple[str, str], str] = {}
        self._early_pods: dict[tuple[str, str], dict[str, Pod]] = {}
        self._resumed: dict[str, list[Rollout]] = {}
        self._surely: Surely[str] = Surely()

    def take_over(self) -> None:
        """From now on everybody's rollouts are ours: what another life or replica left open, and what is under way."""
        self._resumed = {}
        for rollout in self._ports.store.open_rollouts():
            self._resumed.setdefault(uid_of(rollout.key), []).append(rollout)
        self.shared.tell_untold()
        self._incidents.take_over()
        for subject in list(self._subjects.values()):
            self._pick_up(subject)

    def let_go(self) -> None:
        """Another replica follows now. What it finds open, it goes on with."""
        self._incidents.let_go()
        for subject in self._subjects.values():
            subject.open = [r for r in subject.open if self._follows(r.order)]
        self._active = {uid: s for uid, s in self._active.items() if s.open}
        self.shared.leave(self._follows)

    def renew(self) -> None:
        """By the configuration that stands now. What is in no environment any more is not followed to an end."""
        environments = self._ports.catalogue.environments
        for uid, subject in list(self._subjects.items()):
            environment = environments.get(subject.environment.name)
            if environment is None:
                self._drop(uid, subject)
            else:
                subject.environment = environment
                subject.service = self._ports.catalogue.service_of(subject.workload.target.name)

    def see_workload(self, environment: Environment, workload: Workload) -> None:
        subject = self._subjects.get(workload.uid)
        if subject is None:
            self._surely(workload.uid, partial(self._pick_up, self._meet(environment, workload)))
            return
        before, subject.workload = subject.workload, workload
        changed = subject.template_changed(before) or subject.scaled(before) or subject.restaged(before)
        if not changed or self._surely(workload.uid, partial(self._start, subject, before)):
            self._judge(subject)

    def see_pod(self, environment: Environment, pod: Pod, *, gone: bool) -> None:
        """A pod may be told before its workload: it waits for it."""
        key = (environment.name, pod.workload)
        subject = self._subjects.get(self._uids.get(key, ""))
        pods = subject.pods if subject else self._early_pods.setdefault(key, {})
        if gone:
            pods.pop(pod.name, None)
        else:
            pods[pod.name] = pod
        if subject and subject.open:
            self._judge(subject)
        elif subject and self._follows(None):
            self._incidents.see(subject, pod)

    def forget(self, workload: Workload) -> None:
        subject = self._subjects.get(workload.uid)
        if subject is None:
            return
        self._drop(workload.uid, subject)
        now = self._ports.clock.now()
        for rollout in subject.open:
            gone = replace(rollout, phase=Phase.FAILED, reason="It was deleted meanwhile.", code=DELETED)
            self.shared.save(replace(gone, finished=now, changed=now, unseen=""), rollout)
        self._incidents.gone(workload.uid)

    def take(self, uid: str, found: Evidence) -> None:
        """Events sharpen the diagnosis; log lines go to what has none yet, and once more to what just failed.

        A pod that goes on writing would be told without end.
        """
        subject = self._subjects.get(uid)
        if subject is None:
            return
        subject.events = list(found.events)
        self._judge(subject)
        for rollout in [*subject.open, *subject.ended]:
            if rollout.examining or (rollout.phase is Phase.STUCK and not rollout.evidence and found.lines):
                known = self.shared.latest(rollout)
                told = replace(known, heading=found.heading, evidence=found.lines, examining=False)
                self._change(subject, rollout, told)
        subject.ended = []
        self._incidents.examined(subject, found)

    def tick(self) -> None:
        """Time alone may have decided something."""
        now = self._ports.clock.now()
        self._surely.again()
        for subject in list(self._active.values()):
            unseen = self._unseen(subject, now)
            if any(d <= now for d in self._dues(subject)):
                self._judge(subject)
            if subject.open and now - subject.examined >= EXAMINE_EVERY:
                subject.examined = now
                if not unseen:
                    self._examine(subject)
        self._incidents.tick(self._subjects)
        self.shared.tick(now)

    def under_way(self) -> list[Subject]:
        return list(self._active.values())

    def next_due(self) -> datetime | None:
        now = self._ports.clock.now()
        moments = [d for s in self._active.values() for d in [*self._dues(s), s.examined + EXAMINE_EVERY]]
        again = self._surely.next_due(now)
        moments += [*self.shared.dues(now), *self._incidents.dues(now), *([again] if again else [])]
        return min(moments, default=None)

    def _unseen(self, subject: Subject, now: datetime) -> bool:
        """Nothing is judged by how it stood before: neither well, nor stuck."""
        why = self._ports.unseen(subject.environment)
        for rollout in [r for r in subject.open if bool(r.unseen) != bool(why)]:
            self._change(subject, rollout, looked_at(rollout, why, now))
        return bool(why)

    def _meet(self, environment: Environment, workload: Workload) -> Subject:
        key = (environment.name, workload.target.name)
        pods = self._early_pods.pop(key, {})
        service = self._ports.catalogue.service_of(workload.target.name)
        now = self._ports.clock.now()
        subject = Subject(environment, workload, service, now, pods, begun=begun(workload))
        self._subjects[workload.uid] = subject
        self._uids[key] = workload.uid
        return subject

    def _drop(self, uid: str, subject: Subject) -> None:
        self._subjects.pop(uid, None)
        self._active.pop(uid, None)
        self._surely.forget(uid)
        self._uids.pop((subject.environment.name, subject.workload.target.name), None)

    def _pick_up(self, subject: Subject) -> None:
        """First sight since the start: go on with what was open, or join what is under way."""
        known = {r.key for r in subject.open}
        resumed = [r for r in self._resumed.pop(subject.workload.uid, []) if r.key not in known]
        same = [r for r in resumed if r.template == subject.workload.template]
        subject.open += same
        for rollout in resumed:
            if rollout not in same:
                self.shared.save(supersede(rollout, "a newer one", self._ports.clock.now()), rollout)
        if not subject.open and self._under_way(subject):
            self._start(subject, None)
        self._judge(subject)
        if self._follows(None):
            self._incidents.see(subject)

    def _under_way(self, subject: Subject) -> bool:
        source = origin(self._ports.store, subject.workload, subject.service, template_changed=True)
        if source.order and not self._has_rollout(subject, source.order):
            return True
        last, workload = self._last(subject), subject.workload
        if last is None:
            return subject.begun or begun(workload)
        return last.template != workload.template or not last.phase.final

    def _has_rollout(self, subject: Subject, order: str) -> bool:
        """An order that changes several workloads has one of each."""
        return any(uid_of(rollout.key) == subject.workload.uid for rollout in self._ports.store.rollouts_of(order))

    def _last(self, subject: Subject) -> Rollout | None:
        """What is not well since it ended is an incident; another template than its was rolled out unseen."""
        known = self._ports.store.recent_rollouts(subject.workload.target, 1)
        return known[0] if known and uid_of(known[0].key) == subject.workload.uid else None

    def _start(self, subject: Subject, before: Workload | None) -> None:
        changed = before is None or subject.template_changed(before)
        restaged = before is not None and subject.restaged(before)
        source = origin(self._ports.store, subject.workload, subject.service, template_changed=changed)
        source = replace(source, verb="deploy") if restaged and source.order is None else source
        ours = self._follows(source.order)
        if not (ours or subject.open) or (source.order is None and not changed and subject.open):
            return
        now = self._ports.clock.now()
        rollout = begin(subject, before, self._marked(subject, source) if changed or restaged else source, now)
        if changed or restaged:
            rollout = counted(rollout, subject.open)
            self._supersede(subject, rollout, now)
        if not ours:
            return
        subject.open.append(rollout)
        subject.examined = now
        self._active[subject.workload.uid] = subject
        self.shared.save(rollout, None)

    def _marked(self, subject: Subject, source: Origin) -> Origin:
        """What somebody else brings to a frozen environment is announced as just that."""
        if source.order is not None:
            return source
        name = subject.environment.name
        freeze = self._ports.closing(name)
        return replace(source, marks=(f'{name} is frozen: "{freeze.reason}".',)) if freeze else source

    def _supersede(self, subject: Subject, newer: Rollout, now: datetime) -> None:
        for old in subject.open:
            self.shared.save(supersede(old, newer.image, now), old)
        subject.open, subject.events = [], []

    def _judge(self, subject: Subject) -> None:
        if not subject.open:
            return
        self._active[subject.workload.uid] = subject
        now = self._ports.clock.now()
        if self._unseen(subject, now):
            return
        trouble = subject.diagnose(now)
        for rollout in list(subject.open):
            after = self._advanced(subject, rollout, trouble)
            if after != rollout:
                self._change(subject, rollout, after)
        subject.ended += [r for r in subject.open if r.examining]
        subject.open = [r for r in subject.open if not r.phase.final]
        if not subject.open:
            self._active.pop(subject.workload.uid, None)
            self._incidents.see(subject)
        if subject.ended:
            self._examine(subject)

    def _advanced(self, subject: Subject, rollout: Rollout, trouble: Diagnosis | None) -> Rollout:
        workload = subject.workload
        settle = subject.environment.settle
        judged = judge(workload)
        if workload.observed < workload.generation and rollout.verb != "scale":
            judged = replace(judged, ready=rollout.ready)
        after = advance(rollout, judged, trouble, self._ports.clock.now(), settle, workload.deadline)
        after = replace(after, revision=workload.revision, old=max(0, workload.current - workload.updated))
        just_failed = after.phase is Phase.FAILED and rollout.phase is not Phase.FAILED
        lines_wanted = trouble and trouble.previous is not None and subject.environment.logs is Logs.CHANNEL
        examining = bool(just_failed and lines_wanted)
        mending = just_failed and mended_by_policy(after, subject.environment)
        return replace(after, examining=after.examining or examining, mending=after.mending or mending)

    def _change(self, subject: Subject, before: Rollout, after: Rollout) -> None:
        saved = self.shared.save(after, before)
        subject.open = [saved if r.key == before.key else r for r in subject.open]

    def _dues(self, subject: Subject) -> list[datetime]:
        settle, deadline = subject.environment.settle, subject.workload.deadline
        return [d for r in subject.open if (d := due(r, settle, deadline))]
