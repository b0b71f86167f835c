"""status: what runs where, worst first; for one service also its pods."""

from collections.abc import Iterator

from msgspec.structs import replace

from bot.core.catalogue import Environment
from bot.core.model import Button, Cell, Field, Order, Reply, Table, Tone, When
from bot.core.owner import owner
from bot.core.pods import MOST_PODS, pods_table
from bot.core.references import image, label
from bot.core.surroundings import Autoscaler
from bot.core.words import ago, count
from bot.core.workload import Pod, short_digest
from bot.plans.evidence import firing
from bot.plans.standing import OK, TROUBLE, Around, Standing, everything, look_around, standing_of, with_incidents
from bot.ports import Command, Ports

SIGNS = {"failed": "✗", TROUBLE: "✗", "paused": "!", "rolling out": "…", OK: "✓"}
ORDER = tuple(SIGNS)
TONES = {"failed": Tone.BAD, TROUBLE: Tone.BAD, "paused": Tone.WARNING, "rolling out": Tone.WORKING}


def plan(ports: Ports, order: Order) -> Reply:
    catalogue = ports.catalogue
    if order.service in catalogue.environments and order.service not in catalogue.services and not order.environment:
        order = replace(order, service=None, environment=order.service)
    if order.service:
        return _service(ports, order, order.service)
    environments = _environments(ports, order)
    standings, unseen = everything(ports, order, environments)
    return _with_alerts(_but(_overview(with_incidents(ports, standings), environments), unseen), ports, order)


def _environments(ports: Ports, order: Order) -> list[Environment]:
    if order.environment:
        return [ports.catalogue.environment(order.environment)]
    return list(ports.catalogue.environments.values())


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
    return (
        f"{SIGNS[standing.word]} {standing.word}",
        standing.service,
        *where,
        label(standing.runs),
        ready,
        When(workload.changed),
        said,
    )


def _why(standing: Standing) -> Button:
    return Button(f"Why {standing.service}", f"why {standing.service} in {standing.environment.name}")


def _service(ports: Ports, order: Order, service: str) -> Reply:
    """Everywhere it runs; in full where it is one workload."""
    places, unseen = ports.everywhere(service, order.environment)
    if len(places) > 1:
        found = with_incidents(ports, [standing_of(ports, service, e, w) for e, w in places])
        return _with_alerts(_but(_everywhere(service, found), unseen), ports, order)
    environment, workload = places[0]
    pods = ports.cluster(environment).pods(workload)
    (standing,) = with_incidents(ports, [standing_of(ports, service, environment, workload, pods)])
    detail = _detail(ports, standing, pods, look_around(ports, environment, workload))
    return _with_alerts(_but(detail, unseen), ports, order)


def _with_alerts(reply: Reply, ports: Ports, order: Order) -> Reply:
    """What monitoring says stands under what the cluster says, and colours what would look well."""
    request = order.request
    return _but(reply, firing(ports, request.who, request.place, order.service, order.environment))


def _but(reply: Reply, more: list[str]) -> Reply:
    if not more:
        return reply
    calm = reply.tone in (Tone.GOOD, Tone.PLAIN)
    body = "\n".join([*([reply.body] if reply.body else []), *more])
    return replace(reply, body=body, tone=Tone.WARNING if calm else reply.tone)


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


def _detail(ports: Ports, standing: Standing, pods: list[Pod], around: Around) -> Reply:
    workload = standing.workload
    where = f"{standing.service} in {standing.environment.name}"
    buttons = [Button("History", f"history {where}"), Button("Logs", f"logs {where}")]
    if standing.trouble:
        buttons.insert(0, Button("Why", f"why {where}"))
    more = [f"{len(pods) - MOST_PODS} more pods are not shown."] if len(pods) > MOST_PODS else []
    unknown = [f"Not shown: {sentence}" for sentence in around.unknown]
    return Reply(
        title=f"{where} · {standing.ready} of {workload.wanted} ready"
        + ("" if standing.word == OK else f", {standing.word}"),
        tone=TONES.get(standing.word, Tone.GOOD),
        body="\n".join([*([standing.trouble] if standing.trouble else []), *more, *unknown]),
        fields=tuple(Field(name, value) for name, value in _fields(ports, standing, around) if value),
        table=pods_table(pods, around.usage) if pods else None,
        buttons=tuple(buttons),
    )


def _fields(ports: Ports, standing: Standing, around: Around) -> Iterator[tuple[str, str]]:
    workload = standing.workload
    running, keeper = image(standing.runs), owner(workload)
    yield "DESIRED", str(workload.wanted)
    yield "CURRENT", str(workload.current)
    yield "UP-TO-DATE", str(workload.updated)
    yield "AVAILABLE", str(workload.available)
    yield "image", running.label + (f" ({short_digest(running.digest)})" if running.digest and running.tag else "")
    yield "revision", str(workload.revision)
    yield "autoscaler", _scaling(around.autoscaler) if around.autoscaler else ""
    yield "reached at", ", ".join(f"{address.at} ({address.kind})" for address in around.addresses)
    yield "kept by", keeper.name if keeper else ""
    yield "last change", f"{standing.last}, {ago(workload.changed, ports.clock.now())}".removeprefix(", ")


def _scaling(found: Autoscaler) -> str:
    return " · ".join([f"{found.span}, now {found.current}", *found.measured])


COMMAND = Command(
    usage="status [service] [in <environment>]",
    summary="what runs where, worst first; for a service also its pods",
    verb="read",
    examples=("status", "status in production", "status adderservice in production"),
    plan=plan,
    day=10,
)
