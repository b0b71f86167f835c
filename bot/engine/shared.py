"""What another process says of a rollout that is followed here too: a bot, and the shell it was ordered from.

Each tells its own places, so each must end with the same words; what one of them wrote stands in the store.
"""

from contextlib import suppress
from datetime import datetime, timedelta

from bot.core.errors import Unavailable
from bot.core.events import Rollout
from bot.engine.saving import Saving
from bot.ports import Ports

EVERY = timedelta(seconds=3)


class Shared:
    """One thread only: the follower's. `mending` is what the failure policy is at, here or there."""

    def __init__(self, ports: Ports, saving: Saving) -> None:
        self._ports = ports
        self._saving = saving
        self._mending: dict[str, Rollout] = {}
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
        self._saving.save(after, before)
        return after

    def tick(self, now: datetime) -> None:
        """What was mended there is told here."""
        if not self._mending or now - self._looked < EVERY:
            return
        self._looked = now
        for key, before in list(self._mending.items()):
            stored = self._ports.store.rollout(key)
            if stored is None or not stored.mending:
                del self._mending[key]
                if stored:
                    self._saving.save(stored, before)

    def next_due(self) -> datetime | None:
        return self._looked + EVERY if self._mending else None

    def _note(self, rollout: Rollout) -> None:
        if rollout.mending:
            self._mending[rollout.key] = rollout
        else:
            self._mending.pop(rollout.key, None)
