"""What is said and noted of one order, also when the store is away."""

import logging
from collections.abc import Callable, Sequence
from functools import partial

from msgspec.structs import replace

from bot.core.asking import asking
from bot.core.errors import QuarterdeckError, Unavailable
from bot.core.guards import Ask
from bot.core.model import Message, Reply, Request, Who
from bot.engine.outbox import Outbox
from bot.engine.saving import Step, in_turn
from bot.ports import Ports

log = logging.getLogger(__name__)

Later = Callable[[str, Step], None]
WAITS = "waiting"


def _nothing() -> None:
    """In place of what waits under the same name."""


class Notes:
    """`later` gets what the store did not take. Before anything is `said`, nobody looks for what stands there."""

    def __init__(self, ports: Ports, outbox: Outbox, request: Request, later: Later) -> None:
        self._ports = ports
        self._outbox = outbox
        self._request = request
        self._later = later
        self.said = False

    @property
    def key(self) -> str:
        return f"order:{self._request.id}"

    def say(self, reply: Reply, *, final: bool) -> None:
        request = self._request
        place = replace(request.place, message=None)
        message = Message(self.key, place, reply, final=final, parent=request.parent)
        self._outbox.put(message, fresh=not self.said)
        self.said = True

    def whisper(self, reply: Reply) -> None:
        self._outbox.whisper(self._request, reply)

    def wait(self, ask: Ask, agreed: Sequence[Who]) -> Reply:
        catalogue = self._ports.catalogue
        role = catalogue.role(ask.role)
        reply = asking(ask, agreed, role.holders if role else (), catalogue.zone)
        self.note(WAITS, partial(self.say, reply, final=False))
        return reply

    def go_on(self) -> None:
        """What was still to be said while it waited is said no more."""
        self._later(f"{self.key}:{WAITS}", _nothing)

    def note(self, what: str, *steps: Step) -> bool:
        """Is it noted? It has happened, so a store that is away makes nothing else of it."""
        left = in_turn(*steps)
        try:
            left()
        except QuarterdeckError as error:
            log.error("%s has no record of %s: %s", self.key, what, error.sentence)  # noqa: TRY400 - no bug of ours
            if isinstance(error, Unavailable):
                self._later(f"{self.key}:{what}", left)
            return False
        return True
