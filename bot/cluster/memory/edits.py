"""What people do to a cluster: put workloads there, rewrite them, take them away."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from bot.cluster import names
from bot.cluster.memory import clockwork, kubelet
from bot.cluster.memory.spec import Spec, Template, template_hash
from bot.cluster.memory.state import Item, rewrite
from bot.cluster.memory.world import Quota, World
from bot.cluster.notes import CHANGE_CAUSE
from bot.core.errors import Ambiguous, NotFound
from bot.core.nearest import nearest_hint
from bot.core.workload import Kind


class Past(Struct, frozen=True):
    """A template that ran from some moment on, before what runs now."""

    template: Template
    at: datetime
    cause: str = ""


def create(world: World, namespace: str, spec: Spec, manager: str, annotations: Mapping[str, str]) -> Item:
    item = made(world, namespace, spec, manager, annotations)
    world.items[item.key] = item
    world.touch(item)
    world.disturb(item)
    return item


def made(world: World, namespace: str, spec: Spec, manager: str, annotations: Mapping[str, str]) -> Item:
    """Not there yet: a dry run ends here."""
    return Item(
        namespace=namespace,
        spec=spec,
        hash=template_hash(spec.template),
        uid=world.uid(),
        created=world.now,
        changed=world.now,
        manager=manager,
        annotations=dict(annotations),
    )


def seed(world: World, namespace: str, spec: Spec, manager: str, story: Sequence[Past]) -> None:
    """Let it have lived through its story already: the real controllers, in a hurry, at the times told."""
    first, *later = story
    with world.past(first.at):
        item = create(world, namespace, replace(spec, template=first.template), manager, _noted(first))
        clockwork.settle(world)
    for chapter in later:
        with world.past(chapter.at):
            rewrite(item, replace(spec, template=chapter.template), manager, world.now)
            item.annotations.update(_noted(chapter))
            world.touch(item)
            world.disturb(item)
            clockwork.settle(world)


def _noted(chapter: Past) -> dict[str, str]:
    return {CHANGE_CAUSE: chapter.cause} if chapter.cause else {}


def delete(world: World, item: Item) -> None:
    world.items.pop(item.key)
    world.dirty.pop(item.key, None)
    for pod in list(item.pods.values()):
        kubelet.dismiss(world, pod)
    world.gone(item)


def set_quota(world: World, namespace: str, quota: Quota | None) -> None:
    if quota is None:
        world.quotas.pop(namespace, None)
    else:
        world.quotas[namespace] = quota
    for item in world.items.values():
        if item.namespace == namespace:
            world.disturb(item)


def bearing(world: World, namespace: str, name: str, kind: Kind | None) -> list[Item]:
    return [world.items[key] for k in Kind if (key := (namespace, k, name)) in world.items and kind in (None, k)]


def only(world: World, namespace: str, name: str, kind: Kind | None) -> Item:
    names.check(namespace, name)
    found = bearing(world, namespace, name, kind)
    if not found:
        there = sorted({i.spec.name for i in world.items.values() if i.namespace == namespace})
        what = kind or "workload"
        raise NotFound(
            f"There is no {what} {name} in the namespace {namespace}.",
            hint=nearest_hint(name, there, "status"),
        )
    if len(found) > 1:
        kinds = " and ".join(f"a {i.spec.kind}" for i in found)
        raise Ambiguous(f"{name} is {kinds} in the namespace {namespace}.", hint=f"status {name}")
    return found[0]
