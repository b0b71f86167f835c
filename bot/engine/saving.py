"""Rollouts on their way into the store, and from there to whoever is told of them, also when the store is away.

What it does not take, or the telling of it, waits; what is known of the rollout goes on meanwhile.
"""

import logging
from collections.abc import Callable

from bot.core.errors import Unavailable
from bot.core.events import Rollout
from bot.store import Store

log = logging.getLogger(__name__)
Tell = Callable[[Rollout, Rollout | None], None]


class Saving:
    """One thread only: the follower's. The newest of each rollout waits, and what was told of it last."""

    def __init__(self, store: Store, tell: Tell) -> None:
        self._store = store
        self._tell = tell
        self._waiting: dict[str, tuple[Rollout, Rollout | None]] = {}

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def save(self, after: Rollout, before: Rollout | None) -> None:
        _, told = self._waiting.pop(after.key, (after, before))
        self._waiting[after.key] = after, told
        self.save_all()

    def save_all(self) -> None:
        for key, (after, before) in list(self._waiting.items()):
            try:
                self._store.save_rollout(after)
                self._tell(after, before)
            except Unavailable as error:
                log.warning("%s waits to be told: %s", key, error.sentence)
                return
            except Exception:
                del self._waiting[key]
                raise
            del self._waiting[key]

    def leave(self, mine: Callable[[str | None], bool]) -> None:
        """To whoever follows now all but what is ours."""
        self._waiting = {key: kept for key, kept in self._waiting.items() if mine(kept[0].order)}


class Surely:
    """What failed because the store was away: it comes back, but the same change is not shown to us twice."""

    def __init__(self) -> None:
        self._waiting: dict[str, Callable[[], None]] = {}

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def __call__(self, name: str, step: Callable[[], None]) -> None:
        try:
            step()
        except Unavailable:
            self._waiting[name] = step
            raise
        self.forget(name)

    def again(self) -> None:
        for name, step in list(self._waiting.items()):
            self(name, step)

    def forget(self, name: str) -> None:
        self._waiting.pop(name, None)
