"""What is said where in a team's own words: the same notice under another title, in the channels of its routes."""

from collections.abc import Sequence

from bot.core.events import BuildChanged, Event
from bot.core.model import Reply, Spot
from bot.core.release import Release
from bot.core.routes import wording
from bot.core.thread import builds_notice
from bot.core.wording import retitled
from bot.engine.reach import placed
from bot.ports import Ports


class Wording:
    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    def of(self, event: Event, reply: Reply) -> dict[Spot, Reply]:
        platforms = self._ports.platforms
        found = placed(wording(event, self._ports.catalogue, platforms.keys()), platforms)
        return {place.spot: retitled(reply, event, text) for place, text in found.items()}

    def together(self, release: Release, told: Sequence[tuple[BuildChanged, Reply]]) -> dict[Spot, Reply]:
        """Of several builds in one message each has its line in the words for what it is."""
        own = [self.of(event, notice) for event, notice in told]
        spots = {spot for mine in own for spot in mine}
        each = list(zip(told, own, strict=True))
        return {
            spot: builds_notice(release, [(event, mine.get(spot, notice)) for (event, notice), mine in each])
            for spot in spots
        }
