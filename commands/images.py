"""images: the tags of a service by age, and which of them runs where; or where something is, across all services."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from msgspec import Struct

from bot.core import references
from bot.core.errors import NotFound, QuarterdeckError, UsageError
from bot.core.model import Button, Cell, Order, Reply, Table, When
from bot.core.news import megabytes
from bot.core.render import lines
from bot.core.words import clip, count
from bot.core.workload import Image, short_digest
from bot.plans.changes import container_shown, registry_of, repository_of
from bot.plans.finding import only_some, tags_of, worth_a_look
from bot.ports import Command, Ports

SHOWN = 15
SHORTEST = 4
LOOKED_INTO = 100
AT_ONCE = 8


class Runs(Struct, frozen=True):
    """What runs in an environment, and the repository its next image comes from."""

    environment: str
    repository: str
    image: Image


class Found(Struct, frozen=True):
    """The images of one service. `troubles`: why they are not all that there are, or not known to run somewhere."""

    service: str
    runs: list[Runs]
    images: list[Image] = []
    troubles: list[str] = []


def plan(ports: Ports, order: Order) -> Reply:
    text = order.words.get("find")
    if text is not None:
        return _find(ports, order.service, text.lower())
    if order.service is None:
        raise UsageError("Of which service?", fact=COMMAND.usage, hint=COMMAND.examples[0])
    return _of(ports, order.service)


def _of(ports: Ports, service: str) -> Reply:
    runs, unseen = _runs(ports, service)
    repositories = _repositories(ports, service, runs)
    images: list[Image] = []
    partial = ""
    for repository in repositories:
        registry = registry_of(ports, ports.service(service), repository)
        tags = tags_of(registry, repository)
        worth = {*worth_a_look(tags), *(one.image.tag for one in runs)}
        looked = [tag for tag in tags if tag in worth]
        images += registry.describe(repository, looked)
        partial = partial if len(looked) == len(tags) else only_some(tags)
    ordered = references.newest_first(images)
    shown = ordered[:SHOWN]
    return Reply(
        title=f"{service} · {count(len(ordered), 'image')} in {' and '.join(repositories)}",
        table=_table(shown, runs, several=len(repositories) > 1) if shown else None,
        body=lines(f"The newest {SHOWN} of {len(ordered)}." if len(ordered) > SHOWN else "", partial, *unseen),
        buttons=tuple(_deploy(service, i) for i in ordered[:2] if not _where(i, runs)),
    )


def _runs(ports: Ports, service: str) -> tuple[list[Runs], list[str]]:
    """With what cannot be seen. Where nothing is found, the catalogue may still know where its images are."""
    known = ports.service(service)
    try:
        found, unseen = ports.everywhere(service, None)
    except QuarterdeckError as error:
        if not known.repositories:
            raise
        found, unseen = [], [] if isinstance(error, NotFound) else [f"Where it runs is not shown: {error.sentence}"]
    runs = [
        Runs(e.name, repository_of(known, e, w), references.image(container_shown(ports, known, e, w).image))
        for e, w in found
    ]
    return runs, unseen


def _repositories(ports: Ports, service: str, runs: list[Runs]) -> list[str]:
    """An environment may have one of its own. Two spellings of one are one."""
    aliases = ports.catalogue.aliases
    names = [*(r.repository for r in runs), *ports.service(service).repositories.values()]
    return list({references.canonical(name, aliases): name for name in reversed(names)}.values())[::-1]


def _table(images: list[Image], runs: list[Runs], *, several: bool) -> Table:
    """Columns that would say nothing are left out."""
    named = any(references.commit(image) for image in images)
    columns = ["tag", *(["revision"] if named else []), "built", "digest", "size", "runs in"]
    rows = []
    for image in images:
        built: Cell = When(image.created) if image.created else ""
        middle = (built, short_digest(image.digest), megabytes(image.size), ", ".join(_where(image, runs)))
        cells = [image.label, *([references.commit(image)] if named else []), *middle]
        rows.append(tuple([*cells, image.repository] if several else cells))
    return Table((*columns, "repository") if several else tuple(columns), tuple(rows), numeric=frozenset({"size"}))


def _where(found: Image, runs: Iterable[Runs]) -> list[str]:
    """By digest where both have one: a tag may have moved since."""
    return [
        one.environment
        for one in runs
        if (one.image.digest == found.digest if one.image.digest and found.digest else one.image.tag == found.tag)
    ]


def _deploy(service: str, found: Image) -> Button:
    return Button(f"Deploy {found.label}", f"deploy {service} {references.exact(found)}")


def _find(ports: Ports, service: str | None, text: str) -> Reply:
    if len(text) < SHORTEST:
        raise UsageError(
            f"{clip(text)} is too short to look for.", fact=f"At least {SHORTEST} characters.", hint=COMMAND.examples[1]
        )
    names = [service] if service else list(ports.catalogue.services)
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="find") as crew:
        everything = list(crew.map(lambda name: _look_for(ports, name, text), names))
    hits = [found for found in everything if found.images]
    rows = [(found.service, *row) for found in hits for row in _hits(found)]
    return Reply(
        title=f"{clip(text)} · {count(sum(len(f.images) for f in hits), 'image')} in {count(len(hits), 'service')}"
        if hits
        else f"Nothing like {clip(text)} in {count(len(names), 'service')}.",
        table=Table(("service", "tag", "revision", "digest", "built", "runs in"), tuple(rows[:SHOWN]))
        if rows
        else None,
        body="\n".join(_notes(everything, len(rows))),
    )


def _look_for(ports: Ports, service: str, text: str) -> Found:
    try:
        runs, troubles = _runs(ports, service)
    except QuarterdeckError as error:
        return Found(service, [], troubles=[f"{service}: {error.sentence}"])
    images: list[Image] = []
    for repository in _repositories(ports, service, runs):
        try:
            registry = registry_of(ports, ports.service(service), repository)
            tags = registry.tags(repository)
            looked = _worth_a_look(tags, runs, text)
            images += [image for image in registry.describe(repository, looked) if _means(image, text)]
            if not images and len(looked) < len(tags):
                troubles.append(f"{service}: of {count(len(tags), 'tag')} only the names were looked at.")
        except QuarterdeckError as error:
            troubles.append(f"{service}: {error.sentence}")
    return Found(service, runs, references.newest_first(images), troubles)


def _worth_a_look(tags: list[str], runs: list[Runs], text: str) -> list[str]:
    """Every image of a small repository; of a large one what its tags name, and what runs."""
    if len(tags) <= LOOKED_INTO:
        return tags
    here = {one.image.tag for one in runs}
    return [tag for tag in tags if text in tag.lower() or tag in here]


def _means(image: Image, text: str) -> bool:
    digest = (image.digest or "").lower()
    starts = (digest, digest.partition(":")[2], (image.revision or "").lower())
    return text in (image.tag or "").lower() or any(start.startswith(text) for start in starts if start)


def _hits(found: Found) -> list[tuple[Cell, ...]]:
    return [
        (
            image.label,
            references.short_commit(image.revision),
            short_digest(image.digest),
            When(image.created) if image.created else "",
            ", ".join(_where(image, found.runs)),
        )
        for image in found.images
    ]


def _notes(everything: list[Found], rows: int) -> Iterable[str]:
    if rows > SHOWN:
        yield f"The first {SHOWN} of {rows}."
    if not rows:
        yield "It is part of no tag, and no revision or digest begins with it."
    yield from dict.fromkeys(trouble for found in everything for trouble in found.troubles)


COMMAND = Command(
    usage="images [service] [--find text]",
    summary="tags by age, with digests, and which runs where; --find searches all services",
    verb="read",
    examples=("images adderservice", "images --find 3f2a", "images adderservice --find sha256:44c1f0e"),
    plan=plan,
    day=14,
)
