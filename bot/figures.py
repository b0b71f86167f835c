"""What this process knows of itself in figures, for whoever is on call. docs/operations.md says what each is good for.

Label values are words of the code or names of the configuration, so that there is an end to them, and no secret.
"""

from collections.abc import Callable, Sequence
from importlib.metadata import version

from bot.app import Bot
from bot.chat import Counted, Delivered, Platform
from bot.core.workload import Phase
from bot.engine.dispatch import BROKEN, UNKNOWN
from bot.web.metrics import Family, Kind, Read, Values
from bot.web.process import process

FORGED = "forged"


class Figures:
    """`deliveries` are those of webhooks; `refused` is whether the configuration's file is not what is in force."""

    def __init__(
        self, bot: Bot, platforms: Sequence[Platform], deliveries: Callable[[], Values], refused: Callable[[], bool]
    ) -> None:
        self._bot = bot
        self._platforms = platforms
        self._deliveries = deliveries
        self._refused = refused

    def reads(self) -> Sequence[Read]:
        """What may have to wait for the store is apart from what never waits."""
        return (self.memory, self.outbox, self.registries, process)

    def memory(self) -> list[Family]:
        bot = self._bot
        return [
            _gauge("build_info", "1, and the version that runs.", {(version("quarterdeck"),): 1}, "version"),
            _gauge("leader", "1 on the replica that leads; of all replicas one has to.", {(): bot.leading}),
            _gauge("config_refused", "1 while the file has a mistake: what stood before stays.", {(): self._refused()}),
            _gauge("environment_seen", "1 while its cluster tells what happens there.", self._seen(), "environment"),
            _gauge("jobs_waiting", "Orders and looks for causes that wait; 256 at most.", {(): bot.waiting}),
            _gauge("rollouts", "Rollouts that this replica follows, by phase.", self._phases(), "phase"),
            _counter("orders_total", "What became of orders.", self._orders(), "verb", "outcome"),
            _counter("deliveries_total", "Webhooks that came in.", self._deliveries(), "kind", "name", "outcome"),
            _counter("chat_ignored_total", "What a chat sent and was no order.", self._ignored(), "chat", "reason"),
        ]

    def outbox(self) -> list[Family]:
        ports = self._bot.ports
        now = ports.clock.now()
        found = {platform.name: ports.store.backlog(platform.name, now) for platform in self._platforms}
        waiting: Values = {(name,): backlog.messages for name, backlog in found.items()}
        oldest: Values = {(name,): max(0.0, (now - (b.since or now)).total_seconds()) for name, b in found.items()}
        return [
            _gauge("outbox_messages", "Messages that should stand in this chat and do not.", waiting, "chat"),
            _gauge("outbox_oldest_seconds", "How long the oldest of them has waited.", oldest, "chat"),
        ]

    def registries(self) -> list[Family]:
        failing: Values = {(name,): number for name, number in self._bot.poller.failing().items()}
        words = "Watched repositories that could not be read at the last look, told by the leader."
        return [_gauge("registry_failing_repositories", words, failing, "registry")]

    def _seen(self) -> Values:
        ports = self._bot.ports
        return {(e.name,): not ports.unseen(e) for e in ports.catalogue.environments.values()}

    def _phases(self) -> Values:
        found = self._bot.phases()
        return {(phase.value,): found.get(phase, 0) for phase in Phase if not phase.final}

    def _orders(self) -> Values:
        """What never should be there begins at 0: who counts an increase misses one from nothing to 1."""
        verbs = [UNKNOWN, *(command.verb for command in self._bot.ports.commands.values())]
        never: Values = {(verb, BROKEN): 0 for verb in verbs}
        return {**never, **self._bot.dispatcher.orders.all()}

    def _ignored(self) -> Values:
        never: Values = {(p.name, FORGED): 0 for p in self._platforms if isinstance(p, Delivered) and p.path}
        counted = [(p.name, p.ignored) for p in self._platforms if isinstance(p, Counted)]
        return {**never, **{(name, reason): number for name, found in counted for reason, number in found.items()}}


def _gauge(name: str, words: str, values: Values, *labels: str) -> Family:
    return Family(f"quarterdeck_{name}", Kind.GAUGE, words, values, labels)


def _counter(name: str, words: str, values: Values, *labels: str) -> Family:
    return Family(f"quarterdeck_{name}", Kind.COUNTER, words, values, labels)
