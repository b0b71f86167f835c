"""How much of each method Slack grants, so that it need not refuse: it counts what comes too often against an app.

Posting is counted by the channel, everything else by the workspace. Whoever comes too early is told when to come again,
each a little later than the one before, so that a crowd comes back one by one. A part of the edits is kept for those
that nothing follows: in a storm the verdicts pass the progress.
"""

from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import NamedTuple


class Grant(NamedTuple):
    """So many at once, then one every `every` seconds; `kept` of them for what is final."""

    burst: int
    every: float
    kept: int = 0


POST, UPDATE = "chat.postMessage", "chat.update"
GRANTS = {POST: Grant(5, 1.0), UPDATE: Grant(40, 60 / 50, kept=15)}
BY_CHANNEL = frozenset({POST})
MOST, ROUNDING = 2_000, 1e-6

Door = tuple[str, str]


def door(method: str, channel: str) -> Door:
    """What Slack counts together."""
    return (method, channel if method in BY_CHANNEL else "")


class Budget:
    """One lock guards the counters. Each is a moment: when everything that was granted so far is made up for."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._lock = Lock()
        self._even_at: dict[Door, float] = {}
        self._told: dict[tuple[Door, bool], float] = {}

    def wait(self, counted: Door, *, final: bool) -> float:
        """0 where it may be asked now, and that is counted; else the seconds until it is worth another try."""
        grant = GRANTS.get(counted[0])
        if grant is None:
            return 0.0
        with self._lock:
            now = self._now()
            even_at = max(now, self._even_at.get(counted, now))
            early = even_at - now - (grant.burst - 1 - (0 if final else grant.kept)) * grant.every
            if early > ROUNDING:
                return self._later((counted, final), now, early, grant.every)
            self._even_at[counted] = even_at + grant.every
            self._forget(now)
        return 0.0

    def _later(self, who: tuple[Door, bool], now: float, early: float, every: float) -> float:
        self._told[who] = max(now + early, self._told.get(who, 0.0) + every)
        return self._told[who] - now

    def _forget(self, now: float) -> None:
        if len(self._even_at) > MOST:
            self._even_at = {counted: at for counted, at in self._even_at.items() if at > now}
            self._told = {who: at for who, at in self._told.items() if at > now}
