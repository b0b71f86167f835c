"""promote: the exact digest that runs in one environment, to the next."""

from contextlib import suppress

from msgspec.structs import replace

from bot.core import references
from bot.core.again import with_flags
from bot.core.catalogue import Catalogue, Environment
from bot.core.errors import NotFound, QuarterdeckError, UsageError
from bot.core.model import Change, Order, Words
from bot.core.references import same_repository, short_commit
from bot.core.workload import Image
from bot.plans.changes import container_of, opening, pinned_change, registry_for, repository_of, workloads_of
from bot.plans.finding import find_image
from bot.plans.installing import (
    comes_from_template,
    installed_from,
    installing_registry,
    or_no_namespace,
    template_change,
)
from bot.ports import Command, Ports
from bot.registry import Registry


def plan(ports: Ports, order: Order) -> Change:
    service, target = ports.service(order.service or ""), ports.catalogue.environment(order.environment or "")
    source = _source(ports.catalogue, order.words, target)
    running = ports.workloads(service.name, source)[0]
    container = container_of(ports, service, source, running)
    try:
        with or_no_namespace(ports, order):
            workloads = workloads_of(ports, order)
    except NotFound:
        if not comes_from_template(ports, order):
            raise
        return _first(ports, order, references.image(container.image))
    registry = registry_for(ports, target, workloads[0])
    repository = repository_of(service, target, workloads[0])
    image, note = _pinned(ports, order, registry, references.image(container.image), repository)
    return pinned_change(ports, order, workloads, image, note)


def _first(ports: Ports, order: Order, running: Image) -> Change:
    repository = installed_from(ports, order)
    registry = installing_registry(ports, order)
    image, note = _pinned(ports, order, registry, running, repository)
    return template_change(ports, order, image, note)


def _pinned(ports: Ports, order: Order, registry: Registry, running: Image, repository: str) -> tuple[Image, str]:
    """Another repository there (an ARM cluster has its own) can share the tag or the commit, not the digest."""
    if running.digest and same_repository(running.repository, repository, ports.catalogue.aliases):
        return _described(registry, running, repository), ""
    why = "no digest is known of what runs" if not running.digest else f"{repository} is another repository"
    commit, tag = _commit(registry, running), running.tag or "latest"
    with suppress(NotFound):
        found = registry.image(repository, tag)
        if not commit or found.revision in (None, "", commit):
            return found, f"By its tag: {why}."

    def again(version: str) -> str:
        return with_flags(f"deploy {order.service} {version} to {order.environment}", order.words)

    found = find_image(registry, order.service or "", repository, commit or tag, ports=ports, again=again)
    return found, f"By its revision {short_commit(commit)}: {why}." if commit else f"By its tag: {why}."


def _commit(registry: Registry, running: Image) -> str:
    """Nothing where its registry does not tell it: the tag has to do then."""
    with suppress(QuarterdeckError):
        return registry.image(running.repository, running.digest or running.tag or "latest").revision or ""
    return ""


def _described(registry: Registry, running: Image, repository: str) -> Image:
    """Its digest is all that is needed to go on; what it can run on is good to know."""
    try:
        return replace(running, platforms=registry.image(repository, running.digest or "").platforms)
    except QuarterdeckError:
        return running


def environment(catalogue: Catalogue, words: Words) -> Environment:
    named = words.get("to")
    if named:
        return catalogue.environment(named)
    order = list(catalogue.environments.values())
    start = order.index(catalogue.environment(words["from"])) if words.get("from") else 0
    if start + 1 >= len(order):
        raise UsageError(f"Nothing comes after {order[start].name}.", hint=f"status {words['service']}")
    following = order[start + 1]
    if following.explicit:
        source = f" from {words['from']}" if words.get("from") else ""
        promote = f"promote {words['service']}{source} to {following.name}"
        raise UsageError(f"{following.name} must be named in the order.", hint=with_flags(promote, words))
    return following


def _source(catalogue: Catalogue, words: Words, target: Environment) -> Environment:
    named = words.get("from")
    order = list(catalogue.environments.values())
    if named is None and order.index(target) == 0:
        raise UsageError(
            f"{target.name} is the first environment: nothing comes before it.",
            hint=f"images {words['service']}",
        )
    source = catalogue.environment(named) if named else order[order.index(target) - 1]
    if source.name == target.name:
        raise UsageError(f"{source.name} cannot be promoted to itself.", hint="help promote")
    return source


COMMAND = Command(
    usage="promote <service> [from <environment>] [to <environment>] [--override reason] [--dry-run]",
    summary="bring what runs in one environment to the next, the same digest",
    verb="promote",
    examples=(
        "promote adderservice to production",
        "promote adderservice from staging to production",
        "promote adderservice to production --dry-run",
    ),
    refusals=("it runs there already", "the service is locked or paused", "your role ends elsewhere"),
    plan=plan,
    opening=opening("{service} promoted"),
    environment=environment,
    day=31,
)
