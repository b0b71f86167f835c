"""Revisions of a workload: found again by their template, numbered anew when somebody goes back to one."""

from bot.cluster.memory.state import History, Item
from bot.cluster.memory.world import World
from bot.cluster.notes import CHANGE_CAUSE
from bot.core.workload import Kind


def latest(world: World, item: Item) -> History:
    """The revision of the template that is wanted now, which thereby has the highest number."""
    highest = max((h.number for h in item.histories if h.hash != item.hash), default=0)
    found = item.current
    if found is None:
        found = History(f"{item.spec.name}-{item.hash}", item.hash, item.spec.template, highest + 1, world.now)
        found.cause = item.annotations.get(CHANGE_CAUSE, "")
        item.histories.append(found)
    elif found.number <= highest:
        found.number = highest + 1
    if item.spec.kind is Kind.DEPLOYMENT:
        found.cause = item.annotations.get(CHANGE_CAUSE, "")
    item.histories.sort(key=lambda h: h.number)
    return found


def tidy(item: Item, *keep: History | None) -> None:
    """Forget the oldest revisions that nothing runs, beyond what the workload wants kept."""
    used = {p.history.hash for p in item.pods.values()} | {h.hash for h in keep if h}
    idle = [h for h in item.histories if h.hash not in used and h.replicas == 0]
    for history in idle[: max(0, len(idle) - item.spec.history)]:
        item.histories.remove(history)
