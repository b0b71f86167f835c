"""builds: what continuous integration built lately."""

from bot.core.events import Build
from bot.core.model import Cell, Order, Reply, Table, Tone, When
from bot.core.news import STATUS, minutes
from bot.core.references import short_commit
from bot.core.words import count
from bot.ports import Command, Ports

SHOWN = 12


def plan(ports: Ports, order: Order) -> Reply:
    jobs = ports.service(order.service).builds or (order.service,) if order.service else ()
    builds = ports.store.builds(jobs, limit=SHOWN)
    of = f" of {order.service}" if order.service else ""
    if not builds:
        if order.service:
            ports.require(order.service)
        return Reply(title=f"No build{of} was heard of yet.", body=f"Jobs: {', '.join(jobs) or 'all'}.")
    return Reply(
        title=f"The last {'build' if len(builds) == 1 else count(len(builds), 'build')}{of}",
        tone=STATUS[builds[0].result][1] if builds[0].result else Tone.WORKING,
        table=Table(
            ("job", "number", "result", "took", "started", "revision", "branch"),
            tuple(map(_row, builds)),
            frozenset({"number"}),
        ),
    )


def _row(build: Build) -> tuple[Cell, ...]:
    result = STATUS[build.result][0] if build.result else build.phase.value
    took = minutes(build.took) if build.took is not None else ""
    return (
        build.job,
        f"#{build.number}",
        result,
        took,
        When(build.started),
        short_commit(build.revision),
        build.branch or "",
    )


COMMAND = Command(
    usage="builds [service]",
    summary="what was built lately, and how it ended",
    verb="read",
    examples=("builds", "builds adderservice"),
    plan=plan,
    day=15,
)
