"""history: every revision that can be gone back to, with who, when, why and how it ended."""

from bot.core.catalogue import Environment
from bot.core.errors import NotFound
from bot.core.events import Rollout
from bot.core.model import Button, Cell, Order, Reply, Table, When
from bot.core.references import label
from bot.core.words import count
from bot.core.workload import Phase, Revision, Workload
from bot.ports import Command, Ports

VERDICTS = {Phase.PROVEN: "healthy", Phase.FAILED: "failed", Phase.SUPERSEDED: "superseded", Phase.DONE: "rolled out"}


def plan(ports: Ports, order: Order) -> Reply:
    catalogue = ports.catalogue
    named = [catalogue.environment(order.environment)] if order.environment else list(catalogue.environments.values())
    rows: list[tuple[Cell, ...]] = []
    last: tuple[Environment, Workload, list[Revision]] | None = None
    for environment in named:
        for workload in _workloads(ports, order, environment, only=len(named) == 1):
            revisions = ports.cluster(environment).revisions(workload)
            rows += _rows(ports, environment, workload, revisions)
            last = (environment, workload, revisions)
    if last is None:
        raise NotFound(f"There is no service {order.service}.", hint="status")
    columns = ("environment", "revision", "image", "since", "by", "verdict", "cause")
    return Reply(
        title=f"{order.service} · {count(len(rows), 'revision')}",
        table=Table(columns, tuple(rows), numeric=frozenset({"revision"})),
        buttons=_buttons(order, named),
    )


def _workloads(ports: Ports, order: Order, environment: Environment, *, only: bool) -> list[Workload]:
    try:
        return ports.workloads(order.service or "", environment)
    except NotFound:
        if only:
            raise
        return []


def _rows(
    ports: Ports, environment: Environment, workload: Workload, revisions: list[Revision]
) -> list[tuple[Cell, ...]]:
    place = workload.target
    known = ports.store.recent_rollouts(place.cluster, place.namespace, place.kind, place.name, limit=50)
    return [_row(environment, revision, known) for revision in reversed(revisions)]


def _row(environment: Environment, revision: Revision, known: list[Rollout]) -> tuple[Cell, ...]:
    rollout = next((r for r in known if r.template == revision.template and r.verb != "scale"), None)
    by = "" if rollout is None else rollout.who.mention if rollout.who else rollout.by
    verdict = VERDICTS.get(rollout.phase, "under way") if rollout else ""
    now = "runs now" if revision.current else ""
    image = label(next(iter(revision.images.values()), ""))
    said = " · ".join(part for part in (now, verdict) if part)
    return (environment.name, str(revision.number), image, When(revision.created), by, said, revision.cause)


def _buttons(order: Order, named: list[Environment]) -> tuple[Button, ...]:
    return tuple(Button(f"Roll back in {e.name}", f"rollback {order.service} in {e.name}") for e in named[:2])


COMMAND = Command(
    usage="history <service> [in <environment>]",
    summary="revisions: image, who, when, why, and how it ended",
    verb="read",
    examples=("history adderservice", "history adderservice in production"),
    plan=plan,
    day=13,
)
