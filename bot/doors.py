"""What others may call over HTTP, each door with the count of what came to it."""

import logging
from collections.abc import Callable, Sequence

from starlette.routing import Route

from bot.app import Bot
from bot.chat import Platform
from bot.core.clock import Clock
from bot.counts import Counts
from bot.figures import Figures
from bot.parts import invite_tokens, make_alerters, make_builders, make_pushers
from bot.web.chats import chat_routes
from bot.web.health import health_routes
from bot.web.hooks import Count, Outcome, hook_routes
from bot.web.invite import invite_routes
from bot.web.metrics import Values, metrics_routes
from config import Settings

BUILDS, ALERTS, REGISTRY, INVITE = "builds", "alerts", "registry", "invite"

log = logging.getLogger("bot.hooks")


class Doors:
    """Made of what the process was started with. `refused` is whether its configuration's file is not in force."""

    def __init__(
        self, settings: Settings, clock: Clock, bot: Bot, platforms: Sequence[Platform], refused: Callable[[], bool]
    ) -> None:
        self._bot = bot
        self._platforms = platforms
        self._counts: Counts[tuple[str, ...]] = Counts()
        self._builders = make_builders(settings, clock)
        self._alerters = make_alerters(settings, clock)
        self._pushers = make_pushers(settings)
        self._invites = invite_routes(invite_tokens(settings), bot.dispatcher.carry_out, clock, self._count(INVITE))
        self._metrics_token = settings.web.metrics_token
        self._figures = Figures(bot, platforms, self._counted, refused)

    def routes(self) -> list[Route]:
        bot = self._bot
        checks = {"store": bot.store_trouble, **{platform.name: platform.healthy for platform in self._platforms}}
        return [
            *health_routes(checks),
            *metrics_routes(self._metrics_token, checks, self._figures.reads()),
            *chat_routes(self._platforms),
            *hook_routes(BUILDS, self._builders, bot.build, self._count(BUILDS)),
            *hook_routes(ALERTS, self._alerters, bot.alerts, self._count(ALERTS)),
            *hook_routes(REGISTRY, self._pushers, bot.poller.pushed, self._count(REGISTRY)),
            *self._invites,
        ]

    def _count(self, kind: str) -> Count:
        def count(name: str, outcome: str) -> None:
            log.info("a delivery to %s was %s", name, outcome)
            self._counts.add((kind, name, outcome))

        return count

    def _counted(self) -> Values:
        """What never came begins at 0: who counts an increase misses one from nothing to 1."""
        names = {BUILDS: list(self._builders), ALERTS: list(self._alerters), REGISTRY: list(self._pushers)}
        sources = [(kind, name) for kind, found in names.items() for name in found]
        never: Values = {(*source, outcome.word): 0 for source in sources for outcome in Outcome}
        return {**never, **self._counts.all()}
