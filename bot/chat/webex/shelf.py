"""The card under each message: put there when there is something to press, taken away when there is something else.

Which card it is stands with the message's place in the store, so it is found after a restart. What is on it is known
for as long as the process lives; a card of before is replaced when its message changes.
"""

import logging
from collections.abc import Sequence
from datetime import timedelta
from threading import Lock

from msgspec.structs import replace

from bot.chat.recent import Recent
from bot.chat.webex.calls import Calls
from bot.chat.webex.cards import card, fallback, fitting
from bot.core.clock import Clock
from bot.core.errors import Busy, QuarterdeckError, Unavailable
from bot.core.model import Button, Place, Request

log = logging.getLogger(__name__)
REMEMBERED = timedelta(days=2)
JUST_NOW = timedelta(seconds=30)
MOST = 2_000

Use = tuple[str, str, str]
"""A card, who pressed it, and what that ordered."""


class Shelf:
    """The lock keeps two edits of one message from putting two cards under it."""

    def __init__(self, calls: Calls, clock: Clock) -> None:
        self._calls = calls
        self._lock = Lock()
        self._buttons: Recent[str, tuple[Button, ...]] = Recent(clock, REMEMBERED, MOST)
        self._used: Recent[Use, bool] = Recent(clock, JUST_NOW, MOST)
        self._waiting: Recent[str, Use] = Recent(clock, JUST_NOW, MOST)

    def show(self, live: Place, subject: str, buttons: Sequence[Button]) -> Place:
        """Where it stands, with the card that now belongs to it.

        Raises where Webex says later; any other failure is a pity and no more, since every button can be typed.
        """
        with self._lock:
            if self._fits(live.beside, tuple(buttons)):
                return live
            try:
                if live.beside:
                    self._calls.delete(live.beside)
                card = self._put(live, subject, tuple(buttons)) if fitting(buttons) else None
            except Unavailable:
                raise
            except QuarterdeckError as error:
                log.warning("the buttons under %s: %s %s", live.message, error.sentence, error.fact)
                return live
            return replace(live, beside=card)

    def pressed(self, request: Request, card: str) -> None:
        """What decides something is pressed once by each person: two may approve in one moment, and what changes the
        world uses its button up for everybody. The card goes when it has an answer, and stays where that is a refusal,
        so that nobody can take a button away by pressing what they may not.
        """
        use = card, request.who.id, request.text
        if self._used.first(use, True) is not None:  # noqa: FBT003 - the value is of no matter
            raise Busy("You have just pressed that button.", hint="The answer is below.")
        self._waiting.put(request.id, use)

    def answered(self, request: str, *, refused: bool = False) -> None:
        use = self._waiting.take(request)
        if use and refused:
            self._used.take(use)
        elif use:
            self.remove(use[0])

    def remove(self, card: str) -> None:
        self._buttons.take(card)
        try:
            self._calls.delete(card)
        except QuarterdeckError as error:
            log.warning("a used card stays: %s %s", error.sentence, error.fact)

    def _fits(self, card: str | None, buttons: tuple[Button, ...]) -> bool:
        """One that was just pressed goes when that is answered, so it serves nobody else who is to press the same."""
        if card is None:
            return not buttons
        return self._buttons.get(card) == buttons and all(used != card for used, *_ in self._used.standing())

    def _put(self, live: Place, subject: str, buttons: tuple[Button, ...]) -> str:
        under = live.thread or live.message or ""
        attachment = card(subject.partition(" · ")[0], buttons, under)
        posted = self._calls.post(live.channel, under, fallback(buttons), attachment)
        self._buttons.put(posted, buttons)
        return posted
