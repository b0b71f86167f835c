"""What the store has to take, also when it is away: it waits, and what is known goes on meanwhile."""

import logging
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from bot.core.errors import Unavailable

log = logging.getLogger(__name__)
AGAIN = timedelta(seconds=1)

Name = TypeVar("Name")
Step = Callable[[], None]


class Surely(Generic[Name]):
    """One thread only: the follower's. The newest step of each name waits until the store answers again.

    `most` where nothing else bounds the names.
    """

    def __init__(self, most: int | None = None) -> None:
        self._most = most
        self._waiting: dict[Name, Step] = {}

    def __call__(self, name: Name, step: Step) -> bool:
        """Is it done? What is broken otherwise is raised, and not tried again."""
        self.forget(name)
        try:
            step()
        except Unavailable as error:
            log.warning("%s waits for the store: %s", name, error.sentence)
            self._keep(name, step)
            return False
        return True

    def _keep(self, name: Name, step: Step) -> None:
        if self._most and len(self._waiting) >= self._most:
            oldest = next(iter(self._waiting))
            log.error("%s waited for the store in vain: too much waits", oldest)
            self.forget(oldest)
        self._waiting[name] = step

    def again(self) -> None:
        """The oldest first; one that waits still holds up the others."""
        for name, step in list(self._waiting.items()):
            if self._waiting.get(name) is step and not self(name, step):
                return

    def next_due(self, now: datetime) -> datetime | None:
        return now + AGAIN if self._waiting else None

    def forget(self, name: Name) -> None:
        self._waiting.pop(name, None)

    def leave(self, stays: Callable[[Name], bool] = lambda _name: False) -> None:
        """To whoever follows now all but what is ours."""
        self._waiting = {name: step for name, step in self._waiting.items() if stays(name)}


def in_turn(*steps: Step) -> Step:
    """As one, which goes on where it stopped: what is done is not done again."""
    left = deque(steps)

    def go_on() -> None:
        while left:
            left[0]()
            left.popleft()

    return go_on
