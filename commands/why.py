"""why: the one sentence that names the cause, the evidence, since when, and what was different before."""

from datetime import timedelta

from bot.core.catalogue import Environment
from bot.core.diagnosis import Diagnosis
from bot.core.diagnosis.budgets import held
from bot.core.diagnosis.pods import BLOCKED
from bot.core.errors import QuarterdeckError
from bot.core.model import Button, Order, Reply, Tone
from bot.core.references import label
from bot.core.render import VERBATIM, order_line
from bot.core.rollout import judge
from bot.core.words import ago, span
from bot.core.workload import Kind, Phase, Revision, Workload
from bot.plans.evidence import Evidence, examine, firing, incident_of
from bot.plans.proof import failed_here, way_back
from bot.ports import Command, Ports

LATELY = timedelta(days=1)
SCALED = (Kind.DEPLOYMENT, Kind.STATEFUL_SET)


def plan(ports: Ports, order: Order) -> Reply:
    """Where no environment is named, all are looked at, the last first: production is what people are woken for."""
    found, unseen = ports.everywhere(order.service or "", order.environment)
    for environment, workload in reversed(found):
        evidence = examine(ports, environment, workload, ports.cluster(environment).pods(workload))
        if evidence.trouble:
            return _trouble(ports, order, environment, workload, evidence, evidence.trouble)
    return _calm(ports, order, found, unseen)


def _trouble(
    ports: Ports, order: Order, environment: Environment, workload: Workload, evidence: Evidence, trouble: Diagnosis
) -> Reply:
    where = f"{order.service} in {environment.name}"
    lines = [evidence.heading, *(f"{VERBATIM}{line}" for line in evidence.lines)] if evidence.heading else []
    revisions = ports.cluster(environment).revisions(workload)
    remedies = _remedies(ports, order.service or "", trouble, workload, revisions)
    return Reply(
        title=f"{where}: {trouble.sentence}",
        tone=Tone.BAD,
        body="\n".join(
            [
                *lines,
                *_incident(ports, workload),
                *_alerts(ports, order, environment.name),
                *_since(ports, workload, revisions),
                *_held(ports, environment, workload),
                *(order_line(remedy.command) for remedy in remedies),
            ]
        ),
        buttons=(*remedies, Button("Logs", f"logs {where}")),
    )


def _remedies(
    ports: Ports, service: str, trouble: Diagnosis, workload: Workload, revisions: list[Revision]
) -> list[Button]:
    """Back to the last that did not fail here; where that is wanted already and only held up, on."""
    found, place = way_back(ports, workload, revisions), workload.target.environment
    if found is None:
        return []
    label, order = f"Roll back to {_image(found[0])}", f"rollback {service}{found[1]}"
    if trouble.code == BLOCKED:
        label, order = "Restart", f"restart {service} in {place}"
    return [Button(label, order, Tone.BAD, confirm=f"{label} in {place}?")]


def _incident(ports: Ports, workload: Workload) -> list[str]:
    incident = incident_of(ports.store.open_incidents(), workload.target)
    if incident is None:
        return []
    again = f", {incident.times} times so far" if incident.times > 1 else ""
    calm = f"; calm for {span(ports.clock.now() - incident.calm_since)}" if incident.calm_since else ""
    began = ago(incident.started, ports.clock.now())
    return [f"In trouble outside a rollout: it began {began}{again}{calm}. {incident.sentence}"]


def _alerts(ports: Ports, order: Order, environment: str | None) -> list[str]:
    return firing(ports, order.request.who, order.request.place, order.service, environment)


def _since(ports: Ports, workload: Workload, revisions: list[Revision]) -> list[str]:
    now = ports.clock.now()
    current = next((r for r in revisions if r.current), None)
    if current is None:
        return []
    recent = ports.store.recent_rollouts(workload.target, 1)
    ours = recent[0] if recent and recent[0].template == current.template else None
    by = f", {ours.verb} by {ours.who.mention}" if ours and ours.who else ""
    since = ours.started if ours else current.created
    said = f"Since revision {current.number} ({_image(current)}{by}), {ago(since, now)}."
    older = next((r for r in reversed(revisions) if not r.current), None)
    before = (
        f" Before that: revision {older.number} ({_image(older)}), from {ago(older.created, now)}." if older else ""
    )
    return [said + before]


def _image(revision: Revision) -> str:
    return label(next(iter(revision.images.values()), ""))


def _held(ports: Ports, environment: Environment, workload: Workload) -> list[str]:
    """A budget that nobody lets us read is no reason to keep the rest."""
    try:
        return held(workload, ports.cluster(environment).budgets(workload))
    except QuarterdeckError:
        return []


def _calm(ports: Ports, order: Order, found: list[tuple[Environment, Workload]], unseen: list[str]) -> Reply:
    parts, budgets = [], []
    where = f"{order.service} in {order.environment}" if order.environment else order.service
    incidents = [said for _, workload in found for said in _incident(ports, workload)]
    off = [_off(workload) for _, workload in found if not workload.wanted and workload.target.kind in SCALED]
    known = [*_alerts(ports, order, order.environment), *incidents, *off, *unseen]
    for environment, workload in found:
        judged = judge(workload)
        settled = judged.phase in (Phase.DONE, Phase.PROVEN, Phase.RECORDED)
        ready, wanted = (workload.ready, workload.wanted) if settled else (judged.ready, judged.wanted)
        doing = judged.reason if settled else judged.detail or judged.phase.value
        parts.append(f"{min(ready, wanted)} of {wanted} ready in {environment.name}{f', {doing}' if doing else ''}")
        budgets += [f"In {environment.name}: {said}" for said in _held(ports, environment, workload)]
        budgets += _lately(ports, workload)
    return Reply(
        title=f"{order.service}: nothing is wrong that the cluster knows of{', but there is more' if known else ''}",
        tone=Tone.WARNING if known else Tone.GOOD,
        body="\n".join([*known, *(f"{p[0].upper()}{p[1:]}." for p in parts), *budgets, order_line(f"logs {where}")]),
        buttons=(Button("Status", f"status {where}"),),
    )


def _off(workload: Workload) -> str:
    """As it is ordered, so the cluster finds it well; whoever asks does not."""
    place = workload.target
    return f"{place.name} is scaled to 0 in {place.environment}: nothing serves there."


def _lately(ports: Ports, workload: Workload) -> list[str]:
    """Who asks after the bot rolled back asks about what failed, which the cluster has forgotten by then."""
    now, failed = ports.clock.now(), failed_here(ports, workload).values()
    last = max(failed, key=lambda one: one.changed, default=None)
    if last is None or now - last.changed > LATELY:
        return []
    what = f"{last.image} failed in {workload.target.environment} {ago(last.changed, now)}: {last.reason}"
    return [what, *(f"{VERBATIM}{line}" for line in last.evidence[-2:])]


COMMAND = Command(
    usage="why <service> [in <environment>]",
    summary="what is wrong with it, since when, and what was before",
    verb="read",
    examples=("why eventservice", "why eventservice in production"),
    plan=plan,
    day=11,
)
