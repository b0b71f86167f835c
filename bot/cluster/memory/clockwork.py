"""Time as a pure step: from one due moment to the next, everything settled in between."""

from collections.abc import Callable
from datetime import datetime

from bot.cluster.memory import autoscalers, daemonsets, deployments, kubelet, statefulsets
from bot.cluster.memory.state import Item
from bot.cluster.memory.world import World
from bot.core.workload import Kind

CONTROLLERS = {
    Kind.DEPLOYMENT: deployments.sync,
    Kind.STATEFUL_SET: statefulsets.sync,
    Kind.DAEMON_SET: daemonsets.sync,
}


def advance(world: World, until: datetime, publish: Callable[[], None]) -> None:
    """Publish after each moment, so that a jump over minutes hides nothing that happened in them."""
    settle(world)
    publish()
    while (due := world.next_due()) is not None and due <= until:
        world.now = max(world.now, due)
        for thing in world.ring():
            if isinstance(thing, Item):
                world.disturb(thing)
            else:
                kubelet.step(world, thing)
        settle(world)
        publish()
    world.now = max(world.now, until)


def settle(world: World) -> None:
    """Let the controllers work until none of them finds anything to do."""
    while world.dirty:
        item = world.dirty.pop(next(iter(world.dirty)))
        autoscalers.sync(world, item)
        CONTROLLERS[item.spec.kind](world, item)
