"""What several plans need: the image that was meant, the container it goes to, the steps of a change."""

from collections.abc import Callable, Sequence
from contextlib import suppress

from msgspec.structs import replace

from bot.core import platforms, references, staging
from bot.core.again import with_flags
from bot.core.catalogue import Drift, Environment, Service
from bot.core.errors import Ambiguous, NotFound, Refused
from bot.core.model import Change, Order, Request, Step, Words
from bot.core.owner import owner, stands_in_a_manifest
from bot.core.references import commit, label, same_repository
from bot.core.rights import Asked, right
from bot.core.words import count
from bot.core.workload import Action, Container, Image, Kind, Pod, PodName, SetImage, Workload, short_digest
from bot.plans.finding import find_image
from bot.ports import Command, Ports
from bot.registry import Registry

STARTING = frozenset({"", "ContainerCreating", "PodInitializing"})


def opening(pattern: str) -> Callable[[Order], str]:
    """What an order is called before anything was looked up: `{service} → {version}`, and where."""
    return lambda order: f"{pattern.format_map(order.words.values)} in {order.environment}"


def environment_asked(ports: Ports, command: Command, words: Words, request: Request) -> str | None:
    """Where it is to happen: None is everywhere, for what only looks and names no place."""
    catalogue, service = ports.catalogue, words.get("service")
    if command.environment:
        found = command.environment(catalogue, words)
        return found.name if found else command.everywhere
    named = words.get("environment")
    if named is None and (service is None or not command.changes_the_world):
        return command.everywhere
    again = f"{request.text.strip().rstrip('.')} in"
    return catalogue.environment_for(catalogue.services.get(service or ""), named, again).name


def asked(order: Order) -> Asked:
    request, override = order.request, order.words.get("override") or ""
    return Asked(request.who, request.place, order.verb, order.service, order.environment, override)


def environment_of(ports: Ports, order: Order) -> Environment:
    return ports.catalogue.environment(order.environment or "")


def may_read(ports: Ports, order: Order, service: str | None, environment: str | None) -> bool:
    """For answers about several things: they are told without what this person may not read."""
    request = order.request
    asked = Asked(request.who, request.place, "read", service=service, environment=environment)
    return right(asked, ports.catalogue).allowed


def workloads_of(ports: Ports, order: Order) -> list[Workload]:
    return ports.workloads(order.service or "", environment_of(ports, order))


def step(workload: Workload, action: Action, before: str, after: str, container: str | None = None) -> Step:
    return Step(
        target=replace(workload.target, container=container),
        action=action,
        before=before,
        after=after,
        uid=workload.uid,
        resource_version=workload.resource_version,
        template=workload.template,
        owner=owner(workload),
    )


def change(
    ports: Ports,
    order: Order,
    steps: Sequence[Step],
    title: str,
    *,
    notes: Sequence[str] = (),
    image: Image | None = None,
) -> Change:
    """Every change is made here, so that none is planned behind the back of whoever owns the workload."""
    drift = environment_of(ports, order).drift
    owned = [note for one in steps if (note := _owned(one, drift))]
    waiting = [_waiting(one) for one in steps if one.blocking]
    return Change(
        order=order,
        steps=tuple(steps),
        at=ports.clock.now(),
        title=title,
        before=steps[0].before,
        after=steps[0].after,
        image=image,
        notes=tuple(n for n in [*notes, *waiting] if n),
        marks=tuple(dict.fromkeys(owned)),
    )


def _owned(planned: Step, drift: Drift) -> str:
    """What its owner makes of this step, in words; refused where that would undo it."""
    found = planned.owner
    if found is None or not stands_in_a_manifest(planned.action):
        return ""
    if not found.reverts:
        return f"It belongs to {found.name}: its next upgrade overwrites this, unless it is made there too."
    if drift is Drift.ALLOW:
        return f"It belongs to {found.name}, which may take this back."
    name, where = planned.target.name, planned.target.environment
    raise Refused(
        f"{name} in {where} belongs to {found.name}.",
        fact=f"It would take this back. Change it {found.where}.",
        hint=f"status {name} in {where}",
    )


def _waiting(planned: Step) -> str:
    names = ", ".join(pod.name for pod in planned.blocking)
    return f"Deletes {names}: broken, and a StatefulSet waits for its broken pods for ever."


def stuck_pods(ports: Ports, environment: Environment, workload: Workload, *, but: str = "") -> tuple[PodName, ...]:
    """The broken pods that an ordered StatefulSet waits for, whatever template it is given; all that lie still of
    any template `but` that one, where going back is what is meant."""
    if not workload.ordered or workload.ready >= workload.wanted:
        return ()
    pods = [p for p in ports.cluster(environment).pods(workload) if not (p.ready or p.deleting)]
    return tuple(PodName(p.name, p.uid) for p in pods if (p.template != but if but else _broken(p)))


def unblocking(ports: Ports, order: Order, workload: Workload, made: Step) -> Step:
    return replace(made, blocking=stuck_pods(ports, environment_of(ports, order), workload))


def _broken(pod: Pod) -> bool:
    """It will not come up by waiting: it died before, or never gets as far as running."""
    return any(c.restarts or (c.now.state == "waiting" and c.now.reason not in STARTING) for c in pod.containers)


def container_for(ports: Ports, workload: Workload, repository: str | None, named: str | None = None) -> Container:
    return container_among(ports, workload.containers, workload.target.name, repository, named)


def container_among(
    ports: Ports, there: Sequence[Container], name: str, repository: str | None, named: str | None
) -> Container:
    """The named container, the only one, or the one whose image comes from the service's repository."""
    if named:
        found = [c for c in there if c.name == named]
    elif len(there) == 1:
        return there[0]
    else:
        found = [c for c in there if repository and same_repository(c.image, repository, ports.catalogue.aliases)]
    if len(found) == 1:
        return found[0]
    names = ", ".join(c.name for c in there)
    raise Ambiguous(
        f"{name} has several containers: {names}.",
        fact="None is named in the configuration, and the repository does not tell which one is meant.",
        hint="Name it under services.<name>.workloads, with container: <name>.",
    )


def container_of(ports: Ports, service: Service, environment: Environment, workload: Workload) -> Container:
    """The one that its images go to; what stands beside it has images of its own."""
    named = service.container(workload.target.name)
    return container_for(ports, workload, repository_of(service, environment, workload), named)


def container_shown(ports: Ports, service: Service, environment: Environment, workload: Workload) -> Container:
    """Where it is not known which one is meant, nothing can be changed, but what runs can be told."""
    try:
        return container_of(ports, service, environment, workload)
    except Ambiguous:
        return workload.containers[0]


def image_change(ports: Ports, order: Order, version: str, workloads: Sequence[Workload]) -> Change:
    """What deploy would do, and diff shows: every workload of the service gets the image, pinned to its digest."""
    environment = environment_of(ports, order)
    service = ports.service(order.service or "")
    repository = repository_of(service, environment, workloads[0])
    verb, where = order.words.name, environment.name
    registry = registry_for(ports, environment, workloads[0])

    def again(tag: str) -> str:
        return with_flags(f"{verb} {service.name} {tag} to {where}", order.words)

    image = find_image(registry, service.name, repository, version, ports=ports, again=again)
    return pinned_change(ports, order, workloads, image)


def pinned_change(ports: Ports, order: Order, workloads: Sequence[Workload], image: Image, note: str = "") -> Change:
    environment = environment_of(ports, order)
    steps = [(_image_step(ports, order, workload, image), workload) for workload in workloads]
    changed = [step for step, workload in steps if step.before != step.after or staging.restaged(step, workload)]
    title = f"{order.service} → {image.label} in {environment.name}"
    if not changed:
        restart = f"restart {order.service} in {environment.name}"
        raise Refused(
            f"{order.service} already runs {image.label} in {environment.name}.",
            fact=f"The digest is the same: {short_digest(image.digest)}.",
            hint=with_flags(restart, order.words, but=("partition", "template")),
        )
    platform = platforms.checked(image, ports.cluster(environment).platforms(), order.service or "", environment.name)
    revision = f"revision {commit(image)}" if commit(image) else ""
    what = [
        revision,
        short_digest(image.digest),
        *(f"{w.target.kind}, {count(w.wanted, 'replica')}" for w in workloads),
    ]
    facts = " · ".join(part for part in what if part)
    staged = [staging.told(step, workload) for step, workload in steps]
    made = change(ports, order, changed, title, notes=[facts, note, platform, *staged], image=image)
    return replace(made, before=label(changed[0].before), after=image.label)


def repository_of(service: Service, environment: Environment, workload: Workload) -> str:
    """By the catalogue, else what runs there now."""
    return service.repository(environment.name) or references.image(workload.containers[0].image).repository


def registry_for(ports: Ports, environment: Environment, workload: Workload | None) -> Registry:
    """As the workload's pods ask it, where the environment allows that."""
    if workload is None or not environment.pull_secrets:
        return ports.registry
    return ports.registry.lent(ports.cluster(environment).pull_credentials(workload.target))


def registry_of(ports: Ports, service: Service, repository: str) -> Registry:
    """For what concerns no one environment: as the first one that allows it and takes its images from there."""
    for environment in ports.catalogue.environments.values():
        home = service.repository(environment.name)
        if environment.pull_secrets and home and same_repository(home, repository, ports.catalogue.aliases):
            with suppress(NotFound):
                return registry_for(ports, environment, ports.workloads(service.name, environment)[0])
    return ports.registry


def refuse_paused(workload: Workload) -> None:
    if workload.paused:
        where = f"{workload.target.name} in {workload.target.environment}"
        raise Refused(
            f"{where} is paused.",
            fact="A new template would wait for the resume unseen.",
            hint=f"resume {where}",
            orders=[("Resume", f"resume {where}")],
        )


def _image_step(ports: Ports, order: Order, workload: Workload, image: Image) -> Step:
    refuse_paused(workload)
    named = ports.service(order.service or "").container(workload.target.name)
    container = container_for(ports, workload, image.repository, named)
    action = SetImage(container.name, image, staging.partition(order, workload))
    made = step(workload, action, container.image, image.reference, container=container.name)
    return unblocking(ports, order, workload, made)


def deployments_only(workload: Workload, verb: str) -> None:
    """Kubernetes knows pause for Deployments alone; the others are refused here, in plain words."""
    if workload.target.kind is not Kind.DEPLOYMENT:
        raise Refused(
            f"{workload.target.name} is a {workload.target.kind}, and only Deployments can {verb}.",
            hint=f"status {workload.target.name} in {workload.target.environment}",
        )
