"""history: every revision that can be gone back to, with who, when, why and how it ended."""

from bot.core.catalogue import Environment
from bot.core.events import Rollout
from bot.core.model import Button, Cell, Order, Reply, Table, When
from bot.core.references import label
from bot.core.words import count
from bot.core.workload import Phase, Revision, Workload
from bot.plans.proof import way_back
from bot.ports import Command, Ports

VERDICTS = {Phase.PROVEN: "healthy", Phase.FAILED: "failed", Phase.SUPERSEDED: "superseded", Phase.DONE: "rolled out"}


def plan(ports: Ports, order: Order) -> Reply:
    found, unseen = ports.everywhere(order.service or "", order.environment)
    rows: list[tuple[Cell, ...]] = []
    back: dict[str, str] = {}
    for environment, workload in found:
        revisions = ports.cluster(environment).revisions(workload)
        rows += _rows(ports, environment, workload, revisions)
        if way := way_back(ports, workload, revisions):
            back.setdefault(environment.name, f"rollback {order.service}{way[1]}")
    columns = ("environment", "revision", "image", "since", "by", "verdict", "cause")
    return Reply(
        title=f"{order.service} · {count(len(rows), 'revision')}",
        body="\n".join(unseen),
        table=Table(columns, tuple(rows), numeric=frozenset({"revision"})),
        buttons=tuple(Button(f"Roll back in {name}", text) for name, text in back.items())[:3],
    )


def _rows(
    ports: Ports, environment: Environment, workload: Workload, revisions: list[Revision]
) -> list[tuple[Cell, ...]]:
    known = ports.store.recent_rollouts(workload.target, 50)
    return [_row(environment, revision, known) for revision in reversed(revisions)]


def _row(environment: Environment, revision: Revision, known: list[Rollout]) -> tuple[Cell, ...]:
    rollout = next((r for r in known if r.template == revision.template and r.verb != "scale"), None)
    by = rollout.whose if rollout else ""
    verdict = VERDICTS.get(rollout.phase, "under way") if rollout else ""
    now = "runs now" if revision.current else ""
    image = label(next(iter(revision.images.values()), ""))
    since = rollout.started if rollout else revision.created
    said = " · ".join(part for part in (now, verdict) if part)
    return (environment.name, str(revision.number), image, When(since), by, said, revision.cause)


COMMAND = Command(
    usage="history <service> [in <environment>]",
    summary="revisions: image, who, when, why, and how it ended",
    verb="read",
    examples=("history adderservice", "history adderservice in production"),
    plan=plan,
    day=13,
)
