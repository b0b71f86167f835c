"""The HorizontalPodAutoscaler: into its range, as the real one does even where nothing is measured."""

from msgspec.structs import replace

from bot.cluster.memory.state import Item, rewrite
from bot.cluster.memory.world import World

NAME = "autoscaler"


def sync(world: World, item: Item) -> None:
    """What stands at 0 it leaves alone, until somebody scales it up again."""
    found, replicas = item.around.autoscaler, item.spec.replicas
    if found is None or replicas == 0:
        return
    meant = min(max(replicas, found.least), found.most)
    if meant != replicas:
        rewrite(item, replace(item.spec, replicas=meant), NAME, world.now)
        world.touch(item)
