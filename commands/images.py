"""images: the tags of a service by age, and which of them runs where."""

from bot.core.catalogue import Environment
from bot.core.model import Button, Cell, Order, Reply, Table, When
from bot.core.news import megabytes
from bot.core.references import image
from bot.core.words import count
from bot.core.workload import Image, short_digest
from bot.planning import repository_of
from bot.ports import Command, Ports

SHOWN = 15


def plan(ports: Ports, order: Order) -> Reply:
    running = _running(ports, order.service or "")
    repository = running[0][1]
    images = ports.registry.describe(repository, ports.registry.tags(repository))
    ordered = sorted(images, key=_age, reverse=True)
    rows = tuple(_row(i, running) for i in ordered[:SHOWN])
    more = f"The newest {SHOWN} of {len(ordered)}." if len(ordered) > SHOWN else ""
    return Reply(
        title=f"{order.service} · {count(len(ordered), 'image')} in {repository}",
        table=Table(("tag", "built", "digest", "size", "runs in"), rows, numeric=frozenset({"size"})) if rows else None,
        body=more,
        buttons=tuple(_deploy(order, i) for i in ordered[:2] if not _where(i, running)),
    )


def _running(ports: Ports, service: str) -> list[tuple[Environment, str, Image]]:
    """Environment, repository and the image that runs there."""
    found = ports.everywhere(service, None)
    return [
        (e, repository_of(ports.service(service), e, workload), image(workload.containers[0].image))
        for e, workload in found
    ]


def _age(found: Image) -> float:
    return found.created.timestamp() if found.created else 0.0


def _row(found: Image, running: list[tuple[Environment, str, Image]]) -> tuple[Cell, ...]:
    built: Cell = When(found.created) if found.created else ""
    where = ", ".join(_where(found, running))
    return (found.label, built, short_digest(found.digest), megabytes(found.size), where)


def _where(found: Image, running: list[tuple[Environment, str, Image]]) -> list[str]:
    """By digest where both have one: a tag may have moved since."""
    return [
        environment.name
        for environment, _, runs in running
        if (runs.digest == found.digest if runs.digest and found.digest else runs.tag == found.tag)
    ]


def _deploy(order: Order, found: Image) -> Button:
    return Button(f"Deploy {found.label}", f"deploy {order.service} {found.label}")


COMMAND = Command(
    usage="images <service>",
    summary="tags by age, with digests, and which runs where",
    verb="read",
    examples=("images adderservice",),
    plan=plan,
    day=14,
)
