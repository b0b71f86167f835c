"""The Deployment controller: the rules of surge and unavailability, one small move at a time as the real one."""

from bot.cluster.memory import conditions, histories, pods
from bot.cluster.memory.spec import RECREATE, surge, unavailable
from bot.cluster.memory.state import History, Item
from bot.cluster.memory.world import World


def sync(world: World, item: Item) -> None:
    new = item.current if item.spec.paused and item.current is None else _newest(world, item)
    if item.desired is None:
        item.desired = item.spec.replicas
    elif item.desired != item.spec.replicas:
        _spread(world, item, new)
    if not item.spec.paused and new is not None:
        _roll(world, item, new)
    for history in list(item.histories):
        pods.fill(world, item, history)
    conditions.deployment(world, item, new)
    if conditions.complete(item):
        histories.tidy(item, new)


def _newest(world: World, item: Item) -> History:
    known = item.current is not None
    new = histories.latest(world, item)
    if not known:
        conditions.created(world, item, new)
    return new


def _roll(world: World, item: Item, new: History) -> None:
    old = [h for h in item.histories if h is not new and h.replicas > 0]
    if item.spec.strategy == RECREATE:
        _recreate(world, item, new, old)
    elif not _scale_up(world, item, new):
        _scale_down(world, item, new, old)


def _recreate(world: World, item: Item, new: History, old: list[History]) -> None:
    for history in old:
        _resize(world, item, history, 0)
    if all(p.history is new for p in item.pods.values()):
        _resize(world, item, new, item.spec.replicas)


def _scale_up(world: World, item: Item, new: History) -> bool:
    wanted = item.spec.replicas
    room = wanted + surge(item.spec) - sum(h.replicas for h in item.histories)
    before = new.replicas
    if before > wanted:
        _resize(world, item, new, wanted)
    elif room > 0:
        _resize(world, item, new, before + min(room, wanted - before))
    return new.replicas != before


def _scale_down(world: World, item: Item, new: History, old: list[History]) -> None:
    """Unhealthy old pods go first, since they hold up the rollout; then as many as may be missing."""
    least = item.spec.replicas - unavailable(item.spec, item.spec.replicas)
    most = sum(h.replicas for h in item.histories) - least - (new.replicas - _available(item, new))
    if most <= 0:
        return
    for history in old:
        sick = min(most, history.replicas - _available(item, history))
        most -= sick
        _resize(world, item, history, history.replicas - sick)
    spare = sum(_available(item, h) for h in item.histories) - least
    for history in old:
        fewer = max(0, min(spare, history.replicas))
        spare -= fewer
        _resize(world, item, history, history.replicas - fewer)


def _spread(world: World, item: Item, new: History | None) -> None:
    """Somebody scaled: the only replica set takes it all, several in mid-rollout share it."""
    item.desired = item.spec.replicas
    active = [h for h in item.histories if h.replicas > 0]
    only = active[0] if active else new
    if len(active) > 1:
        _share(world, item, active)
    elif only is not None:
        _resize(world, item, only, item.spec.replicas)


def _share(world: World, item: Item, active: list[History]) -> None:
    total = sum(h.replicas for h in active)
    allowed = item.spec.replicas + surge(item.spec) if item.spec.replicas else 0
    for history in active:
        share = round(history.replicas * (allowed - total) / total)
        _resize(world, item, history, max(0, history.replicas + share))
    left = allowed - sum(h.replicas for h in active)
    largest = max(active, key=lambda h: h.replicas)
    _resize(world, item, largest, max(0, largest.replicas + left))


def _resize(world: World, item: Item, history: History, replicas: int) -> None:
    if history.replicas == replicas:
        return
    way = "up" if replicas > history.replicas else "down"
    text = f"Scaled {way} replica set {history.name} from {history.replicas} to {replicas}"
    world.event((item.namespace, "Deployment", item.spec.name), "ScalingReplicaSet", text, warning=False)
    history.replicas = replicas
    world.disturb(item)


def _available(item: Item, history: History) -> int:
    return sum(1 for p in item.active(history) if p.ready)
