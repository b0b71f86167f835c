"""The StatefulSet controller: pods in order, replaced one at a time from the highest ordinal down.

As in Kubernetes, a pod that is not ready holds everything up, a rollback too, until somebody deletes it.
"""

from msgspec.structs import replace

from bot.cluster.memory import conditions, histories, kubelet, pods
from bot.cluster.memory.spec import ON_DELETE, ROLLING
from bot.cluster.memory.state import History, Item
from bot.cluster.memory.world import World


def sync(world: World, item: Item) -> None:
    update = histories.latest(world, item)
    item.settled = item.settled or update
    _move(world, item, update)
    status = conditions.counts(item, update)
    if item.spec.strategy == ROLLING and status.updated == status.current == status.ready:
        item.settled = update
    histories.tidy(item, update, item.settled)
    if replace(status, conditions=item.status.conditions) != item.status:
        item.status = status
        world.touch(item)


def _move(world: World, item: Item, update: History) -> None:
    for ordinal in range(item.spec.replicas):
        pod = item.pods.get(f"{item.spec.name}-{ordinal}")
        if pod is None:
            _create(world, item, ordinal, update)
            return
        if not pod.active or not pod.ready:
            return
    if _shrink(world, item) or item.spec.strategy == ON_DELETE:
        return
    for ordinal in reversed(range(item.spec.partition, item.spec.replicas)):
        pod = item.pods[f"{item.spec.name}-{ordinal}"]
        if pod.history is not update:
            _delete(world, item, pod.name)
            return


def _create(world: World, item: Item, ordinal: int, update: History) -> None:
    staged = item.spec.strategy == ROLLING and ordinal < item.spec.partition
    history = (item.settled or update) if staged else update
    name = f"{item.spec.name}-{ordinal}"
    refusal = pods.create(world, item, history, name)
    text = f"create Pod {name} in StatefulSet {item.spec.name}"
    if refusal:
        world.event(_set(item), "FailedCreate", f"{text} failed error: {refusal}")
    else:
        world.event(_set(item), "SuccessfulCreate", f"{text} successful", warning=False)
    update.failure = refusal


def _shrink(world: World, item: Item) -> bool:
    """Whether there was one too many; the highest goes first, and alone."""
    ordinals = [int(name.rpartition("-")[2]) for name in item.pods]
    highest = max(ordinals, default=-1)
    if highest < item.spec.replicas:
        return False
    _delete(world, item, f"{item.spec.name}-{highest}")
    return True


def _delete(world: World, item: Item, name: str) -> None:
    pod = item.pods[name]
    if pod.active:
        kubelet.dismiss(world, pod)
        text = f"delete Pod {name} in StatefulSet {item.spec.name} successful"
        world.event(_set(item), "SuccessfulDelete", text, warning=False)


def _set(item: Item) -> tuple[str, str, str]:
    return item.namespace, "StatefulSet", item.spec.name
