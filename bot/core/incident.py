"""Trouble outside a rollout: when it begins, when it is over, and what is said of it. One message for all of it.

A look at one pod decides whether there is anything to think about, so that healthy pods cost nothing.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from bot.core.diagnosis import Diagnosis, diagnose
from bot.core.events import Incident
from bot.core.model import Button, Field, Reply, Tone
from bot.core.references import label
from bot.core.render import VERBATIM
from bot.core.words import count, span
from bot.core.workload import ClusterEvent, ContainerStatus, Pod, Run, Workload

RECENT = timedelta(minutes=10)
BELIEVED = timedelta(minutes=30)
QUIET = timedelta(minutes=1)
CODES = frozenset(
    {"crash", "oom", "start", "hook", "liveness", "startup", "init", "image_pull", "architecture", "config"}
)
BY_EVENTS = frozenset({"liveness", "startup", "hook", "architecture"})
"""What only events or a log can tell from a crash; they are asked once."""
WAITS = frozenset(
    {
        "CrashLoopBackOff",
        "RunContainerError",
        "PostStartHookError",
        "CreateContainerError",
        "CreateContainerConfigError",
        "ErrImagePull",
        "ImagePullBackOff",
        "ErrImageNeverPull",
        "InvalidImageName",
        "ImageInspectError",
        "RegistryUnavailable",
    }
)
OOM = "OOMKilled"


def breaks(pod: Pod, now: datetime) -> bool:
    """Enough to look closer: it waits for what does not come, was killed for memory, or died twice in a short while."""
    return not pod.deleting and pod.phase not in ("Succeeded", "Failed") and any(_bad(c, now) for c in pod.containers)


def recovering(pod: Pod, now: datetime) -> bool:
    """It may look well between two deaths: the node starts it again at most five minutes after each."""
    dead = (c.last for c in pod.containers if c.now.state == "running" and c.last)
    return breaks(pod, now) or (not pod.deleting and any(_lately(run, now) for run in dead))


def trouble(workload: Workload, pods: Sequence[Pod], events: Sequence[ClusterEvent], now: datetime) -> Diagnosis | None:
    """What is worth telling. One kill for memory is: the next comes with the same load."""
    found = diagnose(workload, [pod for pod in pods if breaks(pod, now)], events, now)
    if found is None or found.code not in CODES:
        return None
    return found if found.certain or found.code == "oom" else None


def begin(workload: Workload, service: str, found: Diagnosis, now: datetime) -> Incident:
    container = workload.container(found.container)
    return Incident(
        key=f"incident:{workload.target.cluster}/{workload.uid}/{int(now.timestamp())}",
        target=workload.target,
        service=service,
        code=found.code,
        sentence=found.sentence,
        started=now,
        changed=now,
        image=label(container.image),
        pods=found.pods_affected,
    )


def goes_on(
    before: Incident, found: Diagnosis | None, workload: Workload, pods: Sequence[Pod], now: datetime
) -> Incident:
    """The next state of it. Words that only count are changed once a minute."""
    if found:
        return _still(before, found, now)
    newest = [pod for pod in pods if pod.template == workload.template]
    unseen = workload.wanted > 0 and not newest
    if before.calm_since is None:
        well = not unseen and not any(recovering(pod, now) for pod in newest)
        return replace(before, calm_since=_well_since(before, newest, now), changed=now) if well else before
    over = now - max(before.calm_since, before.changed) >= BELIEVED
    return replace(before, over=True) if over else before


def ended(before: Incident, now: datetime) -> Incident:
    """What it struck is there no longer."""
    return replace(before, calm_since=before.calm_since or now, changed=now, over=True)


def incident_notice(incident: Incident, zone: ZoneInfo) -> Reply:
    """`eventservice in production · killed for memory (limit 256Mi), restarted 3 times`."""
    where = f"{incident.service} in {incident.target.environment}"
    return Reply(
        title=f"{where} · {_state(incident, zone)}",
        tone=Tone.GOOD if incident.calm_since else Tone.BAD,
        body="\n".join(_body(incident, zone)),
        fields=(Field("image", incident.image),) if incident.image else (),
        buttons=(Button("Why", f"why {where}"), Button("Logs", f"logs {where}")),
        code="" if incident.calm_since else incident.code,
    )


def _state(incident: Incident, zone: ZoneInfo) -> str:
    if incident.calm_since is None:
        sentence = incident.sentence.rstrip(".")
        return sentence[:1].lower() + sentence[1:]
    lasted = span(incident.calm_since - incident.started)
    return f"calm again since {incident.calm_since.astimezone(zone):%H:%M %Z}, after {lasted}"


def _body(incident: Incident, zone: ZoneInfo) -> list[str]:
    since = f"{incident.started.astimezone(zone):%H:%M %Z}"
    lines = [incident.sentence] if incident.calm_since else []
    again = f", {incident.times} times so far" if incident.times > 1 else ""
    pods = f" {count(incident.pods, 'pod')}." if incident.pods > 1 else ""
    lines += [f"Since {since}{again}, outside a rollout.{pods}"]
    if incident.evidence and not incident.calm_since:
        lines += [incident.heading, *(f"{VERBATIM}{line}" for line in incident.evidence)]
    return lines


def _still(before: Incident, found: Diagnosis, now: datetime) -> Incident:
    again = before.calm_since is not None
    if found.code == "crash" and before.code in BY_EVENTS and not again:
        return before
    same = found.code == before.code and not again
    if same and now - before.changed < QUIET:
        return before
    after = replace(
        before,
        code=found.code,
        sentence=found.sentence,
        pods=max(found.pods_affected, before.pods),
        times=before.times + again,
        calm_since=None,
    )
    return replace(after, changed=now) if after != before else before


def _well_since(before: Incident, pods: Sequence[Pod], now: datetime) -> datetime:
    """Since the last of them was started for good."""
    starts = [c.now.started for pod in pods for c in pod.containers if not c.init and c.now.started]
    return max(before.started, min(now, max(starts, default=now)))


def _bad(status: ContainerStatus, now: datetime) -> bool:
    run, last = status.now, status.last
    if run.state == "waiting":
        return run.reason in WAITS
    if run.state == "terminated":
        ended_well = status.init and run.exit_code == 0
        return not ended_well and (run.reason == OOM or bool(last and _close(last, run)))
    return bool(last and last.reason == OOM and _lately(last, now))


def _close(first: Run, second: Run) -> bool:
    return bool(first.finished and second.finished and second.finished - first.finished <= RECENT)


def _lately(run: Run, now: datetime) -> bool:
    return run.finished is not None and now - run.finished <= RECENT
