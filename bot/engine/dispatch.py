"""From what somebody typed to what was done. The only broad `except` for commands stands here: whatever breaks,
the person gets an answer.
"""

import logging
from collections.abc import Callable
from functools import partial
from secrets import token_hex

from bot.core import render
from bot.core.asking import WAITING
from bot.core.errors import Busy, QuarterdeckError
from bot.core.model import Reply, Request
from bot.counts import Counts
from bot.engine.attempt import Attempt
from bot.engine.hidden import Hidden
from bot.engine.mine import Mine
from bot.engine.notes import Later
from bot.engine.outbox import Outbox
from bot.ports import Ports, Settled
from bot.workers import Workers

UNKNOWN, BROKEN = "unknown", "broken"

log = logging.getLogger(__name__)


class Dispatcher:
    """`waits` is told when a change begins or ends to wait for people, `retell` which order's rollouts to tell anew.

    `later` gets what the store does not take of an order's end.
    `orders` counts them by verb and outcome: once for each word that was said of one.
    """

    def __init__(
        self,
        ports: Ports,
        outbox: Outbox,
        workers: Workers,
        waits: Callable[[], None],
        retell: Callable[[str], None],
        later: Later,
    ) -> None:
        self._waits = waits
        self._retell = retell
        self._later = later
        self._ports = ports
        self._outbox = outbox
        self._workers = workers
        self._hidden = Hidden()
        self._mine = Mine()
        self.orders: Counts[tuple[str, ...]] = Counts()

    def is_mine(self, order: str | None) -> bool:
        """Was this order given to this process, lately?"""
        return order in self._mine

    def receive(self, request: Request) -> None:
        """What listeners call: only enqueues. Raises Busy when too much waits."""
        try:
            self._workers.submit(partial(self.carry_out, request))
        except Busy as busy:
            self.orders.add((UNKNOWN, busy.code))
            raise

    def carry_out(self, request: Request) -> Reply | None:
        """Returns what was said in the end; None for a request that was already taken."""
        attempt = self._attempt(request)
        reply = self._answered(attempt, partial(self._first, attempt))
        if reply and reply.code in WAITING:
            self._waits()
        return reply

    def _first(self, attempt: Attempt) -> Reply | None:
        command, order = attempt.understand()
        if not attempt.take(order):
            return None
        if command.changes_the_world:
            self._mine.add(order.key)
        return attempt.run(command, order)

    def settle(self, settled: Settled) -> Reply | None:
        """An order that waited for people is told under its own message, whoever settled it and wherever."""
        attempt = self._attempt(settled.ask.order.request)
        self._mine.add(attempt.key)
        reply = self._answered(attempt, partial(attempt.resume, settled))
        self._waits()
        return reply

    def _attempt(self, request: Request) -> Attempt:
        return Attempt(self._ports, self._outbox, request, self._hidden, self.settle, self._retell, self._later)

    def _answered(self, attempt: Attempt, job: Callable[[], Reply | None]) -> Reply | None:
        reply = self._tried(attempt, job)
        if reply and attempt.outcome:
            self.orders.add((attempt.verb, attempt.outcome))
        return reply

    def _tried(self, attempt: Attempt, job: Callable[[], Reply | None]) -> Reply | None:
        try:
            return job()
        except QuarterdeckError as error:
            return attempt.refuse(error)
        except Exception:
            reference = token_hex(2)
            log.exception("%s broke (ref %s)", attempt.key, reference)
            return attempt.end(render.broken(reference), BROKEN)
