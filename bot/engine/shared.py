"""What is known of a rollout, into the store and from there to whoever is told of it, by every process that follows it.

A bot, and the shell it was ordered from: each tells its own places, so each must end with the same words; what one of
them wrote stands in the store.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from msgspec.structs import replace

from bot.core.errors import Unavailable
from bot.core.events import Rollout
from bot.core.progress import mended_by_policy
from bot.engine.saving import Surely
from bot.ports import Ports

EVERY = timedelta(seconds=3)
Tell = Callable[[Rollout], None]


class Shared:
    """One thread only: the follower's. `mending` is what the failure policy is at, here or there."""

    def __init__(self, ports: Ports, tell: Tell) -> None:
        self._ports = ports
        self._tell = tell
        self._surely: Surely[tuple[str, str | None]] = Surely()
        self._mending: set[str] = set()
        self._looked = ports.clock.now()

    def latest(self, rollout: Rollout) -> Rollout:
        """Whoever sees the end first is believed, and what became of it since is not written over."""
        if rollout.phase.final:
            with suppress(Unavailable):
                stored = self._ports.store.rollout(rollout.key)
                return stored if stored and stored.phase.final else rollout
        return rollout

    def save(self, after: Rollout, before: Rollout | None) -> Rollout:
        """What is kept and told: where another process has seen its end already, that."""
        if before and not before.phase.final:
            after = self.latest(after)
        self._note(after)
        self.tell(after)
        return after

    def tell(self, rollout: Rollout) -> None:
        """The newest of each waits where the store is away."""
        self._surely((rollout.key, rollout.order), partial(self._keep, rollout))

    def mended(self, key: str, remedy: str) -> None:
        rollout = self._ports.store.rollout(key)
        if rollout:
            self.save(replace(rollout, remedy=remedy, mending=False), rollout)

    def retell(self, order: str) -> None:
        for rollout in self._ports.store.rollouts_of(order):
            self._say_again(rollout)

    def tell_untold(self) -> None:
        """Of many that are told in one message the last one tells of them."""
        for rollout in self._ports.store.untold_rollouts():
            last = self._ports.store.recent_rollouts(rollout.target, 1)[0]
            self._say_again(last if last.story == rollout.story else rollout)

    def leave(self, mine: Callable[[str | None], bool]) -> None:
        """To whoever follows now all but what is ours."""
        self._surely.leave(lambda name: mine(name[1]))

    def tick(self, now: datetime) -> None:
        """What was mended there is told here."""
        self._surely.again()
        if not self._mending or now - self._looked < EVERY:
            return
        self._looked = now
        for key in list(self._mending):
            stored = self._ports.store.rollout(key)
            if stored is None or not stored.mending:
                self._mending.discard(key)
                if stored:
                    self.tell(stored)

    def dues(self, now: datetime) -> list[datetime]:
        again = self._surely.next_due(now)
        return [due for due in (again, self._looked + EVERY if self._mending else None) if due]

    def _say_again(self, rollout: Rollout) -> None:
        """Whoever saw its end may have died then: nobody looks for its last words, and the policy may be another."""
        environment = self._ports.catalogue.environments.get(rollout.target.environment)
        if environment:
            mending = rollout.mending and mended_by_policy(rollout, environment)
            self.save(replace(rollout, examining=False, mending=mending), None)

    def _keep(self, rollout: Rollout) -> None:
        self._ports.store.save_rollout(rollout)
        self._tell(rollout)

    def _note(self, rollout: Rollout) -> None:
        if rollout.mending:
            self._mending.add(rollout.key)
        else:
            self._mending.discard(rollout.key)
