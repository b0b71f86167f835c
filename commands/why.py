"""why: the one sentence that names the cause, the evidence, since when, and what was different before."""

from bot.core.catalogue import Environment, Logs
from bot.core.diagnosis import Diagnosis, diagnose, is_log
from bot.core.errors import NotFound, QuarterdeckError
from bot.core.model import Button, Order, Reply, Tone
from bot.core.references import label
from bot.core.render import VERBATIM, order_line
from bot.core.rollout import judge
from bot.core.words import ago
from bot.core.workload import Phase, Pod, Revision, Workload
from bot.ports import Command, Ports

LINES = 5


def plan(ports: Ports, order: Order) -> Reply:
    found = _find(ports, order)
    looked = [(e, w, *_look(ports, e, w)) for e, w in found]
    for environment, workload, pods, trouble in looked:
        if trouble:
            return _trouble(ports, order, environment, workload, pods, trouble)
    return _calm(order, [(e, w) for e, w, _, _ in looked])


def _find(ports: Ports, order: Order) -> list[tuple[Environment, Workload]]:
    """Where no environment is named, all are looked at: the trouble is what is asked for."""
    catalogue = ports.catalogue
    named = [catalogue.environment(order.environment)] if order.environment else list(catalogue.environments.values())
    found: list[tuple[Environment, Workload]] = []
    missing: NotFound | None = None
    for environment in reversed(named):
        try:
            found += [(environment, w) for w in ports.workloads(order.service or "", environment)]
        except NotFound as error:
            missing = error
    if not found and missing:
        raise missing
    return found


def _look(ports: Ports, environment: Environment, workload: Workload) -> tuple[list[Pod], Diagnosis | None]:
    cluster = ports.cluster(environment)
    pods = cluster.pods(workload)
    return pods, diagnose(workload, pods, cluster.events(workload))


def _trouble(
    ports: Ports, order: Order, environment: Environment, workload: Workload, pods: list[Pod], trouble: Diagnosis
) -> Reply:
    where = f"{order.service} in {environment.name}"
    lines = _evidence(ports, environment, pods, trouble)
    revisions = ports.cluster(environment).revisions(workload)
    older = next((r for r in reversed(revisions) if not r.current), None)
    buttons = [Button("Logs", f"logs {where}")]
    if older:
        back = f"Roll back to {_image(older)}"
        buttons.insert(0, Button(back, f"rollback {where}", Tone.BAD, confirm=f"{back} in {environment.name}?"))
    return Reply(
        title=f"{where}: {trouble.sentence}",
        tone=Tone.BAD,
        body="\n".join(
            [*lines, *_since(ports, workload, revisions), *([order_line(f"rollback {where}")] if older else [])]
        ),
        buttons=tuple(buttons),
    )


def _evidence(ports: Ports, environment: Environment, pods: list[Pod], trouble: Diagnosis) -> list[str]:
    pod = next((p for p in pods if p.name == trouble.pod), None)
    if pod is None or trouble.container is None or trouble.previous is None or environment.logs is not Logs.CHANNEL:
        return []
    try:
        cluster = ports.cluster(environment)
        lines = cluster.logs(pod, trouble.container, previous=trouble.previous, lines=LINES)
    except QuarterdeckError as error:
        return [f"Its log cannot be read: {error.sentence}"]
    shown = [f"{VERBATIM}{line}" for line in lines if is_log(line)]
    return [f"Last lines of {pod.name}:", *shown] if shown else []


def _since(ports: Ports, workload: Workload, revisions: list[Revision]) -> list[str]:
    now = ports.clock.now()
    current = next((r for r in revisions if r.current), None)
    if current is None:
        return []
    place = workload.target
    recent = ports.store.recent_rollouts(place.cluster, place.namespace, place.kind, place.name, limit=1)
    who = recent[0].who if recent else None
    by = f", {recent[0].verb} by {who.mention}" if who else ""
    said = f"Since revision {current.number} ({_image(current)}{by}), {ago(current.created, now)}."
    older = next((r for r in reversed(revisions) if not r.current), None)
    before = (
        f" Before that: revision {older.number} ({_image(older)}), from {ago(older.created, now)}." if older else ""
    )
    return [said + before]


def _image(revision: Revision) -> str:
    return label(next(iter(revision.images.values()), ""))


def _calm(order: Order, found: list[tuple[Environment, Workload]]) -> Reply:
    parts = []
    for environment, workload in found:
        judged = judge(workload)
        doing = "" if judged.phase in (Phase.DONE, Phase.PROVEN) else f", {judged.detail or judged.phase.value}"
        parts.append(f"{judged.ready} of {judged.wanted} ready in {environment.name}{doing}")
    return Reply(
        title=f"{order.service}: nothing is wrong that the cluster knows of",
        tone=Tone.GOOD,
        body="\n".join([*(f"{p[0].upper()}{p[1:]}." for p in parts), order_line(f"logs {order.service}")]),
        buttons=(Button("Status", f"status {order.service}"),),
    )


COMMAND = Command(
    usage="why <service> [in <environment>]",
    summary="what is wrong with it, since when, and what was before",
    verb="read",
    examples=("why eventservice", "why eventservice in production"),
    plan=plan,
    day=11,
)
