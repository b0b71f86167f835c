"""How controllers make and end pods: names, nodes and the namespace's quota are the same for all kinds."""

from bot.cluster.memory import kubelet, words
from bot.cluster.memory.state import ContainerState, History, Item, PodState
from bot.cluster.memory.world import NODES, World


def create(world: World, item: Item, history: History, name: str, node: str | None = None) -> str:
    """Empty when the pod was made, else why the server refused it."""
    refusal = _refusal(world, item.namespace, name)
    if refusal:
        return refusal
    pod = PodState(
        name=name,
        uid=world.uid(),
        item=item,
        history=history,
        created=world.now,
        node=node or _emptiest(item),
        containers=[ContainerState(c, world.behaviour(c.image)) for c in history.template.containers],
    )
    world.pods[item.namespace, name] = pod
    item.pods[name] = pod
    kubelet.admit(world, pod)
    return ""


def fill(world: World, item: Item, history: History) -> None:
    """The ReplicaSet controller: as many pods as this replica set wants, the least useful ended first."""
    active = item.active(history)
    about = (item.namespace, "ReplicaSet", history.name)
    history.failure = "" if len(active) >= history.replicas else history.failure
    for _ in range(history.replicas - len(active)):
        name = f"{history.name}-{world.suffix()}"
        refusal = create(world, item, history, name)
        if refusal:
            history.failure = history.failure or refusal
            world.event(about, "FailedCreate", f"Error creating: {refusal}")
            return
        history.failure = ""
        world.event(about, "SuccessfulCreate", f"Created pod: {name}", warning=False)
    for pod in sorted(active, key=_usefulness)[: max(0, len(active) - history.replicas)]:
        kubelet.dismiss(world, pod)
        world.event(about, "SuccessfulDelete", f"Deleted pod: {pod.name}", warning=False)


def _usefulness(pod: PodState) -> tuple[bool, bool, int, float]:
    running = all(c.began for c in pod.containers)
    return running, pod.ready, -sum(c.restarts for c in pod.containers), -pod.created.timestamp()


def _refusal(world: World, namespace: str, name: str) -> str:
    if (namespace, name) in world.pods:
        return f'pods "{name}" already exists'
    quota = world.quotas.get(namespace)
    if quota is None:
        return ""
    used = sum(1 for where, _ in world.pods if where == namespace)
    return words.over_quota(name, quota.name, used, quota.pods) if used >= quota.pods else ""


def _emptiest(item: Item) -> str:
    taken = [p.node for p in item.pods.values()]
    return min(NODES, key=taken.count)
