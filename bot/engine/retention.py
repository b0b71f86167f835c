"""How long what is over is kept. Once a day, by whoever leads then; the audit is kept for ever."""

import logging
from datetime import datetime, timedelta

from bot.core.errors import QuarterdeckError
from bot.ports import Ports
from bot.store import Kept

log = logging.getLogger(__name__)
LOOK_EVERY = timedelta(minutes=10)
PIECE = 1_000
MOST_PIECES = 1_000
KEEP = {
    Kept.REQUESTS: timedelta(days=30),
    Kept.ORDERS: timedelta(days=90),
    Kept.MESSAGES: timedelta(days=90),
    Kept.ALERTS: timedelta(days=90),
    Kept.SCHEDULES: timedelta(days=90),
    Kept.ASKS: timedelta(days=90),
    Kept.STORMS: timedelta(days=90),
    Kept.ANNOUNCEMENTS: timedelta(days=400),
    Kept.BUILDS: timedelta(days=400),
    Kept.RELEASES: timedelta(days=400),
    Kept.COMMITS: timedelta(days=400),
    Kept.INCIDENTS: timedelta(days=400),
    Kept.ROLLOUTS: timedelta(days=400),
}
"""A year and a month of what the figures of releases are made of; a season of the rest."""


def clear_away_daily(ports: Ports) -> None:
    """The store knows whether it was done today: a bot that is started anew every hour does it too, and once."""
    now = ports.clock.now()
    try:
        first = ports.store.announce_once(f"cleared:{now:%Y-%m-%d}", now)
    except QuarterdeckError as error:
        log.warning("nothing is cleared away: %s", error.sentence)
        return
    if first:
        clear_away(ports)


def clear_away(ports: Ports) -> dict[str, int]:
    """How many of each. What one kind meets does not keep the others."""
    now = ports.clock.now()
    cleared = {kept.value: _clear(ports, kept, now - age) for kept, age in KEEP.items()}
    log.info("cleared away: %s", ", ".join(f"{n} {kind}" for kind, n in cleared.items() if n) or "nothing")
    return cleared


def _clear(ports: Ports, kept: Kept, before: datetime) -> int:
    gone = 0
    for _ in range(MOST_PIECES):
        try:
            piece = ports.store.forget(kept, before, PIECE)
        except QuarterdeckError as error:
            log.warning("%s stay: %s", kept.value, error.sentence)
            break
        gone += piece
        if piece < PIECE:
            break
    return gone
