"""Long output, whole, as a file beside the message that shows a part of it."""

import logging
from datetime import timedelta

from bot.chat.recent import Recent
from bot.chat.slack.blocks import Rendered, noted, render
from bot.chat.slack.calls import Calls
from bot.chat.slack.literal import visible
from bot.chat.slack.people import People
from bot.core.clock import Clock
from bot.core.errors import NotAllowed, QuarterdeckError
from bot.core.model import Message, Place, Request
from bot.core.render import refusal

log = logging.getLogger(__name__)
NAME = "output.txt"
REMEMBERED = timedelta(hours=1)
MISSING = "Not all of it could be shown."


class Files:
    """What it could not give it says: a message with a hole and nothing beside it makes people look for what is not."""

    def __init__(self, calls: Calls, people: People, clock: Clock) -> None:
        self._calls = calls
        self._people = people
        self._clock = clock
        self._given: Recent[tuple[str, int], bool] = Recent(clock, REMEMBERED, 1_000)

    def under(self, place: Place, message: Message, said: Rendered) -> None:
        """In the thread of a message that stands already: a file that fails is a pity, not a failure. Once each."""
        if not said.file or not place.message:
            return
        thread = place.thread or place.message
        if self._given.first((thread, hash(said.file)), True) is not None:  # noqa: FBT003 - the value is of no matter
            return
        try:
            self._calls.upload(place.channel, thread, NAME, visible(message.reply.title), said.file)
        except QuarterdeckError as error:
            self._excuse(place.channel, thread, message.key, error)

    def aside(self, request: Request, title: str, said: Rendered) -> Rendered:
        """What is for one person's eyes goes where the bot is alone with them: a private answer has no thread."""
        if not said.file:
            return said
        user, place = request.who.id, request.place
        try:
            room = place.channel if request.who.robot else self._people.room(user)
            thread = place.thread or place.message if place.channel == room else None
            self._calls.upload(room, thread, NAME, visible(title), said.file)
        except QuarterdeckError as error:
            log.warning("a file was not given to %s: %s %s", user, error.sentence, error.fact)
            return noted(said, f"{MISSING} {error.sentence} {error.fact}")
        where = "the file above" if place.channel == room else f"your direct messages with {self._calls.name}"
        return noted(said, f"All of it is in {where}.")

    def _excuse(self, channel: str, thread: str, key: str, error: QuarterdeckError) -> None:
        log.warning("a file was not put under %s: %s %s", thread, error.sentence, error.fact)
        why = refusal(NotAllowed(MISSING, fact=f"{error.sentence} {error.fact}", hint=error.hint))
        try:
            self._calls.post(channel, thread, f"{key}:file", render(why, self._clock.now()))
        except QuarterdeckError as again:
            log.warning("nor could that be said: %s", again.sentence)
