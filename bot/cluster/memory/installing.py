"""A template applied to the simulated cluster: all of it or nothing, and never the number of replicas again."""

from copy import copy

from msgspec.structs import replace

from bot.cluster import notes
from bot.cluster.memory import changes, edits, manifests
from bot.cluster.memory.spec import Spec, template_hash
from bot.cluster.memory.state import Item, rewrite
from bot.cluster.memory.world import World
from bot.core.difference import Difference, differences
from bot.core.errors import Conflict, NotFound
from bot.core.manifests import making_namespace, summary
from bot.core.model import Cause, Step
from bot.core.workload import Install, Manifest

US = "quarterdeck-template"


def install(world: World, step: Step, action: Install, cause: Cause) -> Item:
    there, spec = _planned(world, step, action)
    for other in action.others:
        world.services[step.target.namespace, other.name] = other.body
    new = template_hash(spec.template)
    said = notes.of(cause, new, rollout=new != step.template)
    if there is None:
        return edits.create(world, step.target.namespace, spec, US, said)
    rewrite(there, spec, US, world.now)
    there.annotations.update(said)
    world.touch(there)
    world.disturb(there)
    return there


def tried(world: World, step: Step, action: Install) -> tuple[Item, tuple[Difference, ...]]:
    there, spec = _planned(world, step, action)
    found = _differing(action.workload, manifests.written(there.spec) if there else None, manifests.written(spec))
    for other in action.others:
        stands = world.services.get((step.target.namespace, other.name))
        found += [replace(d, where=_of(other, d.where)) for d in _differing(other, stands, other.body)]
    item = copy(there) if there else edits.made(world, step.target.namespace, spec, US, {})
    rewrite(item, spec, US, world.now)
    return item, tuple(found)


def _planned(world: World, step: Step, action: Install) -> tuple[Item | None, Spec]:
    namespace, name = step.target.namespace, step.target.name
    if namespace in world.absent:
        title = f"There is no namespace {namespace} in the cluster {step.target.cluster}."
        raise NotFound(title, fact=making_namespace(namespace), hint="Apply it, and order again.")
    there = world.items.get((namespace, step.target.kind, name))
    if (there.uid if there else "") != step.uid:
        raise Conflict(f"{name} was {'deleted' if step.uid else 'made'} meanwhile.")
    if there and there.hash != step.template:
        raise Conflict(f"{name} changed meanwhile.", fact=f"{there.manager} wrote another template.")
    for other in action.others:
        manifests.check_service(other)
    return there, changes.changed(there, action) if there else manifests.read(action.workload)


def _differing(found: Manifest, before: dict[str, object] | None, after: dict[str, object]) -> list[Difference]:
    if before is None:
        return [Difference(str(found), None, summary(found.body))]
    return list(differences(before, after))


def _of(found: Manifest, where: str) -> str:
    return where if where == str(found) else f"{found} {where}"
