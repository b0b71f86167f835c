"""A deploy from a template: the first of a service, and later ones that are to apply it again."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from msgspec.structs import replace

from bot.core import manifests, platforms
from bot.core.again import with_flags
from bot.core.catalogue import Environment, Service
from bot.core.errors import NotAllowed, NotFound, Refused
from bot.core.manifests import Values
from bot.core.model import Change, Order, Step
from bot.core.references import label
from bot.core.workload import Image, Install, Kind, Manifest, Target, Workload, short_digest
from bot.plans.changes import (
    change,
    container_among,
    environment_of,
    refuse_paused,
    registry_for,
    step,
    unblocking,
)
from bot.plans.finding import find_image
from bot.ports import Ports
from bot.registry import Registry


def comes_from_template(ports: Ports, order: Order) -> bool:
    """A template says what it is made of, and of what was looked for and not found nothing is there."""
    service = ports.service(order.service or "")
    environment = environment_of(ports, order)
    return service.template is not None and not any(_there(ports, environment, w.name) for w in service.workloads)


@contextmanager
def or_no_namespace(ports: Ports, order: Order) -> Iterator[None]:
    """A server forbids all that is in a namespace which is not there, to whoever has no right in every one."""
    try:
        yield
    except NotAllowed as refused:
        if ports.service(order.service or "").template is not None:
            refused.fact = f"{refused.fact}\n{manifests.making_namespace(environment_of(ports, order).namespace)}"
        raise


def install_change(ports: Ports, order: Order, version: str) -> Change:
    environment, service = environment_of(ports, order), ports.service(order.service or "")
    where, verb, name = environment.name, order.words.name, service.name
    _template(ports, service)
    repository = installed_from(ports, order)

    def again(tag: str) -> str:
        return with_flags(f"{verb} {name} {tag} to {where}", order.words)

    registry = installing_registry(ports, order)
    image = find_image(registry, name, repository, version, ports=ports, again=again)
    return template_change(ports, order, image)


def installing_registry(ports: Ports, order: Order) -> Registry:
    """Before there is a pod, as those of the template will ask it."""
    environment, service = environment_of(ports, order), ports.service(order.service or "")
    if not environment.pull_secrets:
        return ports.registry
    if there := _there(ports, environment, service.name):
        return registry_for(ports, environment, there)
    values = Values(service.name, environment.namespace, "", service.port)
    found = next(manifests.filled(one, values) for one in _template(ports, service) if one.kind in set(Kind))
    target = Target(environment.name, environment.cluster, environment.namespace, Kind(found.kind), found.name)
    return ports.registry.lent(ports.cluster(environment).pull_credentials(target, found))


def template_change(ports: Ports, order: Order, image: Image, note: str = "") -> Change:
    """Every workload of the template, each with its image; what is no workload goes with the first."""
    environment, service = environment_of(ports, order), ports.service(order.service or "")
    template = _template(ports, service)
    values = Values(service.name, environment.namespace, image.reference, service.port)
    found = [manifests.filled(one, values) for one in template]
    workloads = [one for one in found if one.kind in set(Kind)]
    others = tuple(one for one in found if one not in workloads)
    steps = [_step(ports, order, image, one, others if one is workloads[0] else ()) for one in workloads]
    runs_on = ports.cluster(environment).platforms()
    platform = platforms.checked(image, runs_on, service.name, environment.name)
    made = _change(ports, order, steps, image, [note, platform])
    return replace(made, marks=(*made.marks, *(one.note for one in template if one.note)))


def _change(ports: Ports, order: Order, steps: Sequence[Step], image: Image, notes: Sequence[str]) -> Change:
    held = [step.action for step in steps if isinstance(step.action, Install)]
    made = ", ".join(str(one) for action in held for one in (action.workload, *action.others))
    service = ports.service(order.service or "")
    first = "" if steps[0].uid else ", which is not there yet"
    said = f"{short_digest(image.digest)} · from the template {service.template}{first}: {made}"
    title = f"{order.service} → {image.label} in {order.environment}"
    found = change(ports, order, steps, title, notes=[said, " ".join(n for n in notes if n)], image=image)
    return replace(found, before=label(found.before) if found.before else "", after=image.label)


def _template(ports: Ports, service: Service) -> tuple[Manifest, ...]:
    if service.template is None:
        raise Refused(
            f"{service.name} has no template.",
            fact="Nothing says what it is made of.",
            hint=f"Name one under services.{service.name}.template.",
        )
    return ports.catalogue.templates[service.template]


def installed_from(ports: Ports, order: Order) -> str:
    service, environment = ports.service(order.service or ""), environment_of(ports, order)
    repository = service.repository(environment.name)
    if repository is None:
        raise Refused(
            f"There is no repository for {service.name} in {environment.name}.",
            hint=f"Write it under services.{service.name}.repository.",
        )
    return repository


def _step(
    ports: Ports,
    order: Order,
    image: Image,
    found: Manifest,
    others: tuple[Manifest, ...],
) -> Step:
    environment, service = environment_of(ports, order), ports.service(order.service or "")
    kind, name = Kind(found.kind), found.name
    there = manifests.containers(found)
    own = next((c for c in there if c.image == image.reference), None)
    container = own or container_among(ports, there, name, image.repository, service.container(name))
    action = Install(container.name, image, manifests.with_image(found, container.name, image.reference), others)
    workload = _there(ports, environment, name, kind)
    if workload is None:
        target = Target(environment.name, environment.cluster, environment.namespace, kind, name, container.name)
        return Step(target, action, "", image.reference, uid="", resource_version="", template="")
    refuse_paused(workload)
    before = workload.container(container.name).image
    return unblocking(ports, order, workload, step(workload, action, before, image.reference, container.name))


def _there(ports: Ports, environment: Environment, name: str, kind: Kind | None = None) -> Workload | None:
    with suppress(NotFound):
        return ports.cluster(environment).find(environment.name, environment.namespace, name, kind)
    return None
