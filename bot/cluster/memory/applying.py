"""An order on the simulated cluster, for real or as a dry run: both see the same, and refuse the same."""

from copy import copy

from bot.cluster import notes
from bot.cluster.memory import changes, edits, installing, manifests
from bot.cluster.memory.spec import template_hash
from bot.cluster.memory.state import Item, rewrite
from bot.cluster.memory.world import World
from bot.core.difference import Difference, differences
from bot.core.errors import Conflict
from bot.core.model import Cause, Step
from bot.core.workload import Action, Install, Scale

US = "quarterdeck"


def tried(world: World, step: Step, cause: Cause) -> tuple[Item, tuple[Difference, ...]]:
    if isinstance(step.action, Install):
        return installing.tried(world, step, step.action)
    there = _as_planned(world, step)
    item = copy(there)
    item.annotations = dict(item.annotations)
    _carry_out(world, item, step.action, cause)
    return item, differences(manifests.written(there.spec), manifests.written(item.spec))


def apply(world: World, step: Step, cause: Cause) -> Item:
    if isinstance(step.action, Install):
        return installing.install(world, step, step.action, cause)
    item = _as_planned(world, step)
    _carry_out(world, item, step.action, cause)
    world.touch(item)
    world.disturb(item)
    return item


def _as_planned(world: World, step: Step) -> Item:
    """A status moves all the time; only another template, or another workload of the name, is a conflict."""
    item = edits.only(world, step.target.namespace, step.target.name, step.target.kind)
    if item.uid != step.uid:
        raise Conflict(f"{item.spec.name} was deleted and made anew meanwhile.")
    if item.hash != step.template:
        raise Conflict(f"{item.spec.name} changed meanwhile.", fact=f"{item.manager} wrote another template.")
    meant, replicas = step.action.before if isinstance(step.action, Scale) else None, item.spec.replicas
    if meant is not None and replicas != meant:
        fact = f"It has {replicas} replicas, not {meant}: by {item.manager}."
        raise Conflict(f"{item.spec.name} was scaled meanwhile.", fact=fact)
    return item


def _carry_out(world: World, item: Item, action: Action, cause: Cause) -> None:
    spec = changes.changed(item, action)
    rollout = spec.template != item.spec.template
    rewrite(item, spec, US, world.now)
    item.annotations.update(notes.of(cause, template_hash(spec.template), rollout=rollout))
