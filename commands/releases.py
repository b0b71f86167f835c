"""releases: the last releases of a service, each with what became of it, in time order."""

from bot.core.model import Cell, Order, Reply, Table, When
from bot.core.release import Part, Release
from bot.core.thread import mark, newest, parent, stages_of
from bot.core.words import count
from bot.ports import Command, Ports

SHOWN = 5


def plan(ports: Ports, order: Order) -> Reply:
    service = order.service or ""
    found = ports.store.releases(service, limit=SHOWN)
    if not found:
        ports.require(service)
        return Reply(
            title=f"No release of {service} is known yet.",
            body="One begins with a build, an image or a rollout that says a revision.",
        )
    columns = ("release", "stage", "state", "since", "what")
    return Reply(
        title=f"The last {count(len(found), 'release')} of {service}",
        tone=parent(found[0], ports.catalogue).tone,
        table=Table(columns, tuple(row for release in found for row in _rows(release, ports))),
    )


def _rows(release: Release, ports: Ports) -> list[tuple[Cell, ...]]:
    stages = stages_of(release, ports.catalogue)
    parts = sorted((p for stage in stages for p in newest(release, stage)), key=lambda p: (p.at, stages.index(p.stage)))
    return [_row(release.label if number == 0 else "", part) for number, part in enumerate(parts)]


def _row(label: str, part: Part) -> tuple[Cell, ...]:
    return (label, part.stage, mark([part]), When(part.at), " · ".join(t for t in (part.text, part.subject) if t))


COMMAND = Command(
    usage="releases <service>",
    summary="the last releases: merge, build, image and rollouts in time order",
    verb="read",
    examples=("releases adderservice",),
    plan=plan,
    day=14,
)
