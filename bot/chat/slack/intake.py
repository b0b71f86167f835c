"""From what was heard to a request: who it is, what was typed, whether an answer could be given at all.

All of that asks Slack, so it happens on threads of its own; listeners only leave what they heard.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from bot.chat import Receive
from bot.chat.entrance import Entrance, Whisper
from bot.chat.recent import Recent
from bot.chat.slack.access import SLACK
from bot.chat.slack.heard import Heard
from bot.chat.slack.people import People
from bot.chat.slack.robots import ITSELF, Robots
from bot.chat.slack.undo import typed
from bot.core.clock import Clock
from bot.core.errors import Busy, NotAllowed, QuarterdeckError, UsageError
from bot.core.model import Place, Request, Who
from bot.workers import Job

REMEMBERED = timedelta(minutes=15)
PRESS_AGAIN = timedelta(seconds=5)
ELSEWHERE = "Order in another channel, or in a direct message."

Writable = Callable[[Place], str | None]
Current = Callable[[str, str, str, str | None], None]
"""Channel, message, command, thread: NotFound where the message has no such button any more."""
Form = Callable[[Heard, Request], bool]
"""True where a form was opened for it, so that it is no order yet."""


class Intake:
    def __init__(
        self,
        people: People,
        robots: Robots,
        whisper: Whisper,
        writable: Writable,
        current: Current,
        form: Form,
        clock: Clock,
    ) -> None:
        self._people = people
        self._robots = robots
        self._writable = writable
        self._current = current
        self._form = form
        self._clock = clock
        self._seen: Recent[str, bool] = Recent(clock, REMEMBERED, 10_000)
        self._pressed: Recent[tuple[str, ...], bool] = Recent(clock, PRESS_AGAIN, 1_000)
        self._urls: Recent[str, str] = Recent(clock, REMEMBERED, 2_000)
        self._entrance = Entrance(SLACK, whisper, clock)

    def start(self) -> None:
        self._entrance.start()

    def stop(self) -> None:
        self._entrance.stop()

    def take(self, heard: Heard, receive: Receive) -> None:
        """Returns at once. Busy where not even the excuse for being too busy can be left."""
        if heard.robot and not self._robots.allows(heard.user):
            return
        if self._seen.first(heard.id, True) is not None:  # noqa: FBT003 - the value is of no matter
            return
        self._entrance.take(partial(self._hand_over, heard, receive), partial(self._excuse, heard))

    def aside(self, job: Job, seconds: float) -> None:
        """What is no order and asks Slack. Busy where too much waits."""
        self._entrance.later(job, seconds)

    def answer_url(self, request: Request) -> str | None:
        """Where Slack takes a private answer to it without asking whether the bot is in the channel."""
        return self._urls.get(request.id)

    def _hand_over(self, heard: Heard, receive: Receive) -> None:
        request = self._unasked(heard)
        try:
            request = self._request(heard, (self._robots if heard.robot else self._people).who(heard.user))
            if request.who.outsider == ITSELF:
                return
            self._require(heard, request)
            if not self._form(heard, request):
                receive(request)
        except QuarterdeckError as error:
            self._entrance.say(request, error)

    def _require(self, heard: Heard, request: Request) -> None:
        if heard.edited:
            fact = "Only what is sent anew is carried out."
            raise UsageError("An edited message is no order.", fact=fact, hint=request.text)
        if heard.slash and (reason := self._writable(request.place)):
            sentence, found, hint = reason.partition(": ")
            fact = f"{sentence}{found.strip()}"
            raise NotAllowed("The answer could not be seen here.", fact=fact, hint=hint or ELSEWHERE)
        if heard.pressed:
            self._require_first(heard.user, heard.channel, *heard.pressed)
            self._current(heard.channel, *heard.pressed, heard.thread)

    def _require_first(self, *press: str) -> None:
        """Of each person: two may approve in one moment. What changes the world uses its button up for everybody."""
        if self._pressed.first(press, True) is not None:  # noqa: FBT003 - the value is of no matter
            raise Busy("You have just pressed that button.", hint="Its answer is here, or on its way.")

    def _excuse(self, heard: Heard, busy: Busy) -> None:
        self._entrance.say(self._unasked(heard), busy)

    def _unasked(self, heard: Heard) -> Request:
        """While nobody was asked yet who that is."""
        return self._request(heard, Who(SLACK, heard.user, heard.user, robot=heard.robot is not None))

    def _request(self, heard: Heard, who: Who) -> Request:
        if heard.answer_url:
            self._urls.put(heard.id, heard.answer_url)
        text = heard.text if heard.pressed else typed(heard.text, self._people.name)
        place = Place(SLACK, heard.channel or self._people.room(heard.user), heard.thread, heard.robot)
        return Request(heard.id, who, place, text, heard.at or self._clock.now(), button=heard.button)
