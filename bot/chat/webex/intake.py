"""From a webhook to a request: what was said, by whom, and whether we listen to them.

All of that has to be asked of Webex, so it happens on threads of its own. What Webex puts off is asked again later,
within a budget; an order that cannot be read in that time is lost, and the log says so.
"""

import logging
from datetime import UTC, datetime, timedelta
from functools import partial

from msgspec.structs import replace

from bot.chat import Receive
from bot.chat.entrance import Entrance, Whisper
from bot.chat.recent import Recent
from bot.chat.webex.access import WEBEX
from bot.chat.webex.calls import Calls
from bot.chat.webex.cards import Json, Press, pressed
from bot.chat.webex.desk import Desk
from bot.chat.webex.form import CANCEL, DEPLOY, Filled, filled, objections
from bot.chat.webex.heard import ACTIONS, Heard
from bot.chat.webex.people import A_BOT, People
from bot.chat.webex.shelf import Shelf
from bot.chat.webex.undo import mentions, typed
from bot.core.clock import Clock
from bot.core.errors import Busy, NotAllowed, NotFound, QuarterdeckError, Refused, Unavailable
from bot.core.model import Place, Request, Who
from bot.counts import Counts
from bot.workers import Job

log = logging.getLogger(__name__)
REMEMBERED = timedelta(hours=1)
OLDEST = timedelta(minutes=30)
ASK = "Ask whoever runs it."
TRIES, FIRST_WAIT, LONGEST_WAIT = 6, 1.0, 60.0


class Intake:
    def __init__(
        self,
        calls: Calls,
        people: People,
        whisper: Whisper,
        shelf: Shelf,
        desk: Desk,
        clock: Clock,
        counts: Counts[str],
    ) -> None:
        self._calls = calls
        self._people = people
        self._shelf = shelf
        self._desk = desk
        self._clock = clock
        self._counts = counts
        self._seen: Recent[str, bool] = Recent(clock, REMEMBERED, 20_000)
        self._roots: Recent[str, str] = Recent(clock, REMEMBERED, 5_000)
        self._entrance = Entrance(WEBEX, whisper, clock)

    def start(self) -> None:
        self._entrance.start()

    def stop(self) -> None:
        self._entrance.stop()

    def take(self, heard: Heard, receive: Receive) -> None:
        """Returns at once. Busy where not even the excuse for being too busy can be left."""
        if self._seen.first(heard.id, True) is not None:  # noqa: FBT003 - the value is of no matter
            self._counts.add("repeated")
            return
        look = partial(self._try, heard.id, partial(self._look, heard, receive), 1)
        self._entrance.take(look, partial(self._excuse, heard))

    def later(self, job: Job, seconds: float) -> None:
        """Busy where too much waits."""
        self._entrance.later(job, seconds)

    def root(self, request: Request) -> str | None:
        """What an answer to it stands under, if it is to stand under something."""
        return request.place.thread or self._roots.get(request.id)

    def _do(self, what: str, job: Job, after: float, attempt: int = 1) -> None:
        """What Webex puts off is done later. Busy where too much waits."""
        self._entrance.later(partial(self._try, what, job, attempt), after)

    def _try(self, what: str, job: Job, attempt: int) -> None:
        try:
            job()
        except NotFound:
            self._counts.add("gone")
        except Unavailable as error:
            self._put_off(what, job, attempt, error)
        except QuarterdeckError as error:
            log.warning("%s could not be read: %s %s", what, error.sentence, error.fact)

    def _put_off(self, what: str, job: Job, attempt: int, error: Unavailable) -> None:
        wait = error.retry_after or min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** (attempt - 1))
        if attempt >= TRIES or wait > OLDEST.total_seconds():
            log.error("an order was lost, %s cannot be read: %s %s", what, error.sentence, error.fact)
            return
        try:
            self._do(what, job, wait, attempt + 1)
        except Busy:
            log.error("an order was lost, too many wait: %s", what)  # noqa: TRY400 - no bug of ours

    def _look(self, heard: Heard, receive: Receive) -> None:
        request = self._request(heard)
        if request:
            self._hand_over(request, receive)

    def _request(self, heard: Heard) -> Request | None:
        """None where it is not for us."""
        bot = self._calls.identity()
        if heard.person == bot.id:
            self._counts.add("own")
            return None
        if heard.resource == ACTIONS:
            return self._press(heard)
        message = self._calls.message(heard.id)
        if message.get("personId") == bot.id or not (message.get("roomType") == "direct" or mentions(message, bot)):
            self._counts.add("not for us")
            return None
        thread = message.get("parentId")
        self._roots.put(heard.id, str(thread or heard.id))
        request = self._from(message, str(thread) if thread else None, typed(message, bot) or "help")
        if request is None or not self._desk.opens(request):
            return request
        under = self.root(request) if message.get("roomType") != "direct" else request.place.thread
        self._desk.open(request, under or "")
        return None

    def _press(self, heard: Heard) -> Request | None:
        action = self._calls.action(heard.id)
        inputs, card = action.get("inputs"), str(action.get("messageId") or "")
        form = filled(inputs)
        press = Press(form.order, form.under, decides=True) if form else pressed(inputs)
        if press is None:
            self._counts.add("unknown card")
            return None
        if press.under:
            self._roots.put(heard.id, press.under)
        said = self._from({**action, "id": heard.id}, None, press.order)
        if said is None:
            return None
        request = replace(said, button=f"{card}:{press.order}")
        try:
            if press.decides:
                self._shelf.pressed(request, card)
            return self._filled(form, request) if form else request
        except Refused as refused:
            self._entrance.say(request, refused)
            return None

    def _filled(self, form: Filled, request: Request) -> Request | None:
        """None where the form goes on: then another card takes the place of this one."""
        if form.step == DEPLOY and not objections(form):
            return request
        self._desk.require(form, request)
        if form.step == CANCEL:
            self._shelf.answered(request.id)
        else:
            self._do(f"the form {request.id}", partial(self._go_on, form, request), self._desk.patience(form))
        return None

    def _go_on(self, form: Filled, request: Request) -> None:
        self._desk.go_on(form, request)
        self._shelf.answered(request.id)

    def _from(self, said: Json, thread: str | None, text: str) -> Request | None:
        """None where it was said too long ago to be an order still, or by a bot, or by somebody we do not listen to."""
        at = _moment(said.get("created")) or self._clock.now()
        if self._clock.now() - at > OLDEST:
            self._counts.add("old")
            return None
        who = self._people.who(str(said.get("personId") or ""))
        request = Request(str(said["id"]), who, Place(WEBEX, str(said.get("roomId") or ""), thread), text, at)
        if who.outsider:
            self._counts.add("outsider")
            if who.outsider != A_BOT:
                fact = f"You are {who.outsider}."
                refused = NotAllowed("This bot takes no orders from you.", fact=fact, hint=ASK)
                self._entrance.say(request, refused)
            return None
        return request

    def _hand_over(self, request: Request, receive: Receive) -> None:
        try:
            receive(request)
        except QuarterdeckError as error:
            self._entrance.say(request, error)

    def _excuse(self, heard: Heard, busy: Busy) -> None:
        who = Who(WEBEX, heard.person, heard.person)
        if heard.person != self._calls.identity().id:
            self._entrance.say(Request(heard.id, who, Place(WEBEX, heard.room), "", self._clock.now()), busy)


def _moment(text: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
