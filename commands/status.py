"""status: what runs where, worst first; for one service also its pods."""

from msgspec import Struct

from bot.core.catalogue import Environment
from bot.core.diagnosis import diagnose
from bot.core.model import Button, Cell, Field, Order, Reply, Table, Tone, When
from bot.core.references import image, label
from bot.core.rights import Asked, right
from bot.core.rollout import judge
from bot.core.words import count
from bot.core.workload import Phase, Pod, Workload, short_digest
from bot.ports import Command, Ports

OK, TROUBLE = "ok", "trouble"
WORDS = {
    Phase.FAILED: "failed",
    Phase.STUCK: TROUBLE,
    Phase.PAUSED: "paused",
    Phase.PROGRESSING: "rolling out",
}
SIGNS = {"failed": "✗", TROUBLE: "✗", "paused": "!", "rolling out": "…", OK: "✓"}
ORDER = tuple(SIGNS)
TONES = {"failed": Tone.BAD, TROUBLE: Tone.BAD, "paused": Tone.WARNING, "rolling out": Tone.WORKING}


class Standing(Struct, frozen=True):
    """How one workload stands, in a word, with what is to be said about it."""

    service: str
    environment: Environment
    workload: Workload
    word: str
    ready: int
    trouble: str
    last: str


def plan(ports: Ports, order: Order) -> Reply:
    if order.service:
        return _service(ports, order, order.service)
    environments = _environments(ports, order)
    standings = [s for e in environments for s in _standings(ports, order, e)]
    return _overview(standings, environments)


def _environments(ports: Ports, order: Order) -> list[Environment]:
    if order.environment:
        return [ports.catalogue.environment(order.environment)]
    return list(ports.catalogue.environments.values())


def _standings(ports: Ports, order: Order, environment: Environment) -> list[Standing]:
    names = {w.name: s.name for s in ports.catalogue.services.values() for w in s.workloads}
    found = ports.cluster(environment).workloads(environment.name, environment.namespace)
    return [
        _standing(ports, names.get(w.target.name, w.target.name), environment, w)
        for w in found
        if _may_read(ports, order, names.get(w.target.name, w.target.name), environment)
    ]


def _may_read(ports: Ports, order: Order, service: str, environment: Environment) -> bool:
    asked = Asked(order.request.who, order.request.place, "read", service=service, environment=environment.name)
    return right(asked, ports.catalogue).allowed


def _standing(ports: Ports, service: str, environment: Environment, workload: Workload) -> Standing:
    judged = judge(workload)
    word, trouble = WORDS.get(judged.phase, OK), ""
    if word != OK:
        cluster = ports.cluster(environment)
        found = diagnose(workload, cluster.pods(workload), cluster.events(workload), ports.clock.now())
        if found and found.certain:
            word, trouble = TROUBLE, found.sentence
    return Standing(service, environment, workload, word, judged.ready, trouble, _last(ports, workload))


def _last(ports: Ports, workload: Workload) -> str:
    place = workload.target
    recent = ports.store.recent_rollouts(place.cluster, place.namespace, place.kind, place.name, limit=1)
    if not recent:
        return f"by {workload.manager}" if workload.manager else ""
    rollout = recent[0]
    return f"{rollout.verb} by {rollout.who.mention if rollout.who else rollout.by}"


def _overview(standings: list[Standing], environments: list[Environment]) -> Reply:
    ordered = sorted(standings, key=lambda s: (ORDER.index(s.word), s.environment.name, s.service))
    several = len(environments) > 1
    columns = ("state", "service", *(("environment",) if several else ()), "image", "ready", "changed", "last change")
    rows = tuple(_row(s, several=several) for s in ordered)
    where = environments[0].name if len(environments) == 1 else count(len(environments), "environment")
    first = ordered[0] if ordered else None
    return Reply(
        title=f"{where} · {_counts(standings)}",
        tone=TONES.get(first.word, Tone.PLAIN) if first else Tone.PLAIN,
        table=Table(columns, rows, numeric=frozenset({"ready"})) if rows else None,
        body="" if rows else "No workload stands there.",
        buttons=tuple(_why(s) for s in ordered[:3] if s.trouble),
    )


def _counts(standings: list[Standing]) -> str:
    rolling = sum(s.word == "rolling out" for s in standings)
    bad = sum(s.word in ("failed", TROUBLE) for s in standings)
    parts = [count(len({s.service for s in standings}), "service")]
    parts += [f"{rolling} rolling out"] if rolling else []
    parts += [f"{bad} in trouble"] if bad else []
    return ", ".join(parts)


def _row(standing: Standing, *, several: bool) -> tuple[Cell, ...]:
    workload = standing.workload
    said = " · ".join(part for part in (standing.last, standing.trouble) if part)
    where: tuple[Cell, ...] = (standing.environment.name,) if several else ()
    ready = f"{standing.ready}/{workload.wanted}"
    image = label(workload.containers[0].image)
    return (
        f"{SIGNS[standing.word]} {standing.word}",
        standing.service,
        *where,
        image,
        ready,
        When(workload.changed),
        said,
    )


def _why(standing: Standing) -> Button:
    return Button(f"Why {standing.service}", f"why {standing.service} in {standing.environment.name}")


def _service(ports: Ports, order: Order, service: str) -> Reply:
    """Everywhere it runs; in full where it is one workload."""
    found = [_standing(ports, service, e, w) for e, w in ports.everywhere(service, order.environment)]
    if len(found) == 1:
        return _detail(found[0], ports.cluster(found[0].environment).pods(found[0].workload))
    return _everywhere(service, found)


def _everywhere(service: str, found: list[Standing]) -> Reply:
    environments = list(dict.fromkeys(s.environment.name for s in found))
    reply = _overview(found, [s.environment for s in found])
    buttons = [Button(f"In {name}", f"status {service} in {name}") for name in environments]
    ready = (f"{s.ready} of {s.workload.wanted} ready in {s.environment.name}" for s in found)
    return Reply(
        title=f"{service} · {', '.join(ready)}",
        tone=reply.tone,
        table=reply.table,
        buttons=(*reply.buttons, *buttons)[:5],
    )


def _detail(standing: Standing, pods: list[Pod]) -> Reply:
    workload = standing.workload
    where = f"{standing.service} in {standing.environment.name}"
    buttons = [Button("History", f"history {where}"), Button("Logs", f"logs {where}")]
    if standing.trouble:
        buttons.insert(0, Button("Why", f"why {where}"))
    return Reply(
        title=f"{where} · {standing.ready} of {workload.wanted} ready"
        + ("" if standing.word == OK else f", {standing.word}"),
        tone=TONES.get(standing.word, Tone.GOOD),
        body=standing.trouble,
        fields=_fields(standing),
        table=_pods(pods) if pods else None,
        buttons=tuple(buttons),
    )


def _fields(standing: Standing) -> tuple[Field, ...]:
    workload = standing.workload
    running = image(workload.containers[0].image)
    pinned = f" ({short_digest(running.digest)})" if running.digest and running.tag else ""
    pairs = [
        ("DESIRED", str(workload.wanted)),
        ("CURRENT", str(workload.current)),
        ("UP-TO-DATE", str(workload.updated)),
        ("AVAILABLE", str(workload.available)),
        ("image", f"{running.label}{pinned}"),
        ("revision", str(workload.revision)),
        ("last change", standing.last),
    ]
    return tuple(Field(name, value) for name, value in pairs if value)


def _pods(pods: list[Pod]) -> Table:
    rows = tuple(
        (p.name, "ready" if p.ready else _state(p), str(p.restarts), When(p.created), p.node or "")
        for p in sorted(pods, key=lambda p: (p.ready, p.name))
    )
    return Table(("pod", "state", "restarts", "age", "node"), rows, numeric=frozenset({"restarts"}))


def _state(pod: Pod) -> str:
    """What kubectl's STATUS column would say."""
    for container in pod.containers:
        if container.now.reason:
            return container.now.reason
    return pod.reason or ("Terminating" if pod.deleting else "not ready" if pod.phase == "Running" else pod.phase)


COMMAND = Command(
    usage="status [service] [in <environment>]",
    summary="what runs where, worst first; for a service also its pods",
    verb="read",
    examples=("status", "status in production", "status adderservice in production"),
    plan=plan,
    day=10,
)
