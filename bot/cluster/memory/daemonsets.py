"""The DaemonSet controller: one pod on each node, replaced as many at a time as may be missing."""

from msgspec.structs import replace

from bot.cluster.memory import conditions, histories, kubelet, pods
from bot.cluster.memory.spec import ON_DELETE, unavailable
from bot.cluster.memory.state import History, Item, PodState
from bot.cluster.memory.world import NODES, World


def sync(world: World, item: Item) -> None:
    update = histories.latest(world, item)
    on_node = {p.node: p for p in item.pods.values()}
    for node in NODES:
        if node not in on_node:
            _create(world, item, update, node)
    if item.spec.strategy != ON_DELETE:
        _replace(world, item, update)
    histories.tidy(item, update)
    status = replace(conditions.counts(item, update), wanted=len(NODES))
    if status != item.status:
        item.status = status
        world.touch(item)


def _replace(world: World, item: Item, update: History) -> None:
    """Old pods that do not work anyway go at once; the others while enough of the rest are there."""
    old = [p for p in item.active() if p.history is not update]
    for pod in old:
        if not pod.ready:
            _delete(world, item, pod)
    missing = len(NODES) - sum(1 for p in item.active() if p.ready)
    free = unavailable(item.spec, len(NODES)) - missing
    for pod in [p for p in old if p.active][: max(0, free)]:
        _delete(world, item, pod)


def _create(world: World, item: Item, update: History, node: str) -> None:
    name = f"{item.spec.name}-{world.suffix()}"
    refusal = pods.create(world, item, update, name, node)
    if refusal:
        world.event(_set(item), "FailedCreate", f"Error creating: {refusal}")
    else:
        world.event(_set(item), "SuccessfulCreate", f"Created pod: {name}", warning=False)
    update.failure = refusal


def _delete(world: World, item: Item, pod: PodState) -> None:
    kubelet.dismiss(world, pod)
    world.event(_set(item), "SuccessfulDelete", f"Deleted pod: {pod.name}", warning=False)


def _set(item: Item) -> tuple[str, str, str]:
    return item.namespace, "DaemonSet", item.spec.name
