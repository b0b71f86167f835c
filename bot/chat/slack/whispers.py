"""Answers for one person's eyes: nobody would find them later, so no outbox keeps them. Silence is worse yet."""

import logging
from functools import partial

from bot.chat.later import Later, now_or_soon
from bot.chat.slack.blocks import Rendered, noted, render
from bot.chat.slack.calls import Calls
from bot.chat.slack.files import Files
from bot.chat.slack.respond import respond
from bot.chat.slack.robots import ANSWERS, Robots
from bot.core.clock import Clock
from bot.core.errors import NotFound
from bot.core.model import Place, Reply, Request

log = logging.getLogger(__name__)
NO_MORE = "A bot gets no more such answers for an hour; they are in the log."


def alone(place: Place) -> bool:
    """Whether it is one person's talk with another, or with the bot."""
    return place.channel.startswith("D")


class Whispers:
    def __init__(self, calls: Calls, robots: Robots, files: Files, later: Later, clock: Clock) -> None:
        self._calls = calls
        self._robots = robots
        self._files = files
        self._later = later
        self._clock = clock

    def say(self, request: Request, reply: Reply, url: str | None) -> None:
        """`url` is where Slack takes an answer to it without asking whether the bot is in the channel."""
        left = self._robots.left_to_answer(request.who.id) if request.who.robot else ANSWERS
        if left < 1:
            log.warning("bot %s is not answered any more: %s", request.who.id, reply.title)
            return
        said = self._files.aside(request, reply.title, render(reply, self._clock.now()))
        if left == 1:
            said = noted(said, NO_MORE)
        if not (url and respond(url, said, self._calls.trust)):
            now_or_soon(request.id, partial(self._send, request, said), self._later)

    def _send(self, request: Request, said: Rendered) -> None:
        """In a direct message everything is private already, and there it stays to be read again.

        A bot sees nothing private, but those who look after it look under what it said.
        """
        thread = request.place.thread or request.place.message
        try:
            self._send_in(thread, request, said)
        except NotFound:
            if thread is None:
                raise
            self._send_in(None, request, said)

    def _send_in(self, thread: str | None, request: Request, said: Rendered) -> None:
        """Beside a thread that is gone, too."""
        place = request.place
        if alone(place) or request.who.robot:
            self._calls.post(place.channel, thread, f"whisper:{request.id}", said)
        else:
            self._calls.whisper(place.channel, request.who.id, thread, said)
