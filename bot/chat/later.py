"""A private answer that a chat cannot take now is said once more a little later: who asked is still there, and no
outbox keeps what nobody would find."""

import logging
from collections.abc import Callable
from functools import partial

from bot.core.errors import QuarterdeckError, Unavailable
from bot.workers import Job

log = logging.getLogger(__name__)
AGAIN, PAUSE, LONGEST = 2, 5.0, 60.0

Later = Callable[[Job, float], None]


def now_or_soon(what: str, job: Job, later: Later, again: int = AGAIN) -> None:
    """Raises what no second try will mend, or not soon enough. `what` is for the log."""
    try:
        job()
    except Unavailable as late:
        pause = late.retry_after or PAUSE
        if again == 0 or pause > LONGEST:
            raise
        later(partial(_once_more, what, job, later, again - 1), pause)


def _once_more(what: str, job: Job, later: Later, again: int) -> None:
    try:
        now_or_soon(what, job, later, again)
    except QuarterdeckError as error:
        log.warning("%s could not be answered: %s %s", what, error.sentence, error.fact)
