"""Webex as a platform: what the port asks for, each part done by the file of its name.

Three things that other chats have and Webex lacks are decided here.

- *Edits*: ten to a message. Nine are for what changes, the last one is kept for the verdict. What comes between waits
  for it, and where even the verdict is refused it stands in a reply, which is edited from then on.
- *Keys*: written into the message, unseen, and read again where the bot is alone with a person. In other rooms Webex
  shows a bot only what mentions it, so there what stands is known for as long as the process lives, and no longer.
- *Whispers*: a direct message. A refusal, or that something was done, is safe to show and stands under the order.
"""

import logging
from collections.abc import Mapping
from datetime import timedelta
from functools import partial

from bot.chat import Answer, Choices, Receive
from bot.chat.later import now_or_soon
from bot.chat.recent import Recent
from bot.chat.webex.access import PATH, WEBEX, WebexAccess
from bot.chat.webex.calls import Calls
from bot.chat.webex.desk import Desk
from bot.chat.webex.failures import invitation
from bot.chat.webex.heard import heard
from bot.chat.webex.intake import Intake
from bot.chat.webex.markdown import TITLE, Rendered, heading, render
from bot.chat.webex.marker import bears
from bot.chat.webex.page import fit
from bot.chat.webex.people import People
from bot.chat.webex.shelf import Shelf
from bot.chat.webex.signature import is_signed
from bot.chat.webex.webhooks import Keeper
from bot.core.clock import Clock
from bot.core.errors import Busy, Invalid, NotAllowed, NotFound, QuarterdeckError, Refused, Unavailable
from bot.core.model import Message, Place, Reply, Request, Who
from bot.counts import Counts
from bot.workers import Job

log = logging.getLogger(__name__)
EDITS = 10
LOOKED_THROUGH = 300
REMEMBERED, WRITABLE_FOR, INVITED_FOR = timedelta(days=1), timedelta(minutes=1), timedelta(hours=1)
MOST = 5_000
TAKEN, FORGED, AWAY = 200, 401, 503
NOWHERE = (
    "**The answer is for you alone, and Webex does not let this bot write to you.** "
    "Write to it first, in a direct message, and order it there."
)
ELSEWHERE = "**The answer is for you alone: see your direct messages with this bot.**"


class WebexPlatform:
    """`start` once and `stop` once; the web edge calls `handle` for `POST /webex/events`."""

    def __init__(self, access: WebexAccess, clock: Clock) -> None:
        self._access = access
        self._clock = clock
        self._counts: Counts[str] = Counts()
        self._calls = Calls(access, clock)
        self._people = People(access, self._calls, clock)
        self._shelf = Shelf(self._calls, clock)
        self._desk = Desk(self._calls, clock)
        self._intake = Intake(self._calls, self._people, self.whisper, self._shelf, self._desk, clock, self._counts)
        self._keeper = Keeper(self._calls, access, clock)
        self._open: Recent[str, bool] = Recent(clock, WRITABLE_FOR, MOST)
        self._direct: Recent[str, bool] = Recent(clock, REMEMBERED, MOST)
        self._stands: Recent[tuple[str, str], Place] = Recent(clock, REMEMBERED, MOST)
        self._invited: Recent[str, bool] = Recent(clock, INVITED_FOR, MOST)
        self._goes_on: Recent[str, str] = Recent(clock, REMEMBERED, MOST)
        self._said: Recent[str, str] = Recent(clock, REMEMBERED, MOST)
        self._receive: Receive | None = None

    @property
    def name(self) -> str:
        return WEBEX

    @property
    def edit_budget(self) -> int | None:
        return EDITS

    @property
    def ignored(self) -> dict[str, int]:
        return self._counts.all()

    def offer(self, choices: Choices) -> None:
        self._desk.offer(choices)

    def start(self, receive: Receive) -> None:
        """Webex may be away: then `healthy` says so, and the webhooks are registered as soon as it is back."""
        self._receive = receive
        self._intake.start()
        self._keeper.start()

    def stop(self) -> None:
        """Nothing new is heard, what was heard is handed over. The webhooks stay for whoever starts next."""
        if self._receive is None:
            return
        self._keeper.stop()
        self._intake.stop()
        self._receive = None
        if self.ignored:
            counted = ", ".join(f"{what} {number}" for what, number in sorted(self.ignored.items()))
            log.info("what came in since the start and was no order: %s", counted)

    @property
    def path(self) -> str | None:
        return PATH

    def handle(self, headers: Mapping[str, str], raw: bytes) -> Answer:
        return Answer(self._taken(headers, raw))

    def _taken(self, headers: Mapping[str, str], raw: bytes) -> int:
        """The status to answer with, and nothing else: whoever sends is told nothing. Asks nothing over the net.

        What is signed is always taken, understood or not, since Webex switches off a webhook that refuses.
        """
        if not is_signed(headers, raw, self._access.webhook_secret):
            self._counts.add("forged")
            return FORGED
        told = heard(raw)
        if told is None:
            self._counts.add("unknown")
            return TAKEN
        if self._receive is None:
            return AWAY
        try:
            self._intake.take(told, self._receive)
        except Busy:
            self._counts.add("too much")
            return AWAY
        return TAKEN

    def vouch(self, who: Who) -> Who:
        return self._people.anew(who.id)

    def healthy(self) -> str | None:
        if self._receive is None:
            return "Webex is not listened to."
        trouble = self._calls.trouble
        if trouble:
            self._keeper.hurry()
        return trouble or self._keeper.wrong

    def writable(self, place: Place) -> str | None:
        """Asked before orders, so what was found stands for a minute."""
        if self._open.get(place.channel):
            return None
        try:
            room = self._calls.room(place.channel)
            if room.get("isAnnouncementOnly") and not self._moderates(place.channel):
                return f"Only moderators may post in that room. Make {self._calls.name} one."
        except (NotAllowed, NotFound):
            return f"{self._calls.name} is not in that room. {invitation(self._calls.name)}"
        self._open.put(place.channel, True)  # noqa: FBT003 - the value is of no matter
        return None

    def post(self, message: Message) -> Place:
        said = render(message.reply, message.key, self._clock.now())
        channel, thread = message.place.channel, message.place.thread
        stands = Place(WEBEX, channel, thread, self._calls.post(channel, thread, said.markdown))
        self._said.put(stands.message or "", said.markdown)
        self._shelf.answered(message.key.rpartition(":")[2])
        complete = self._complete(stands, message.reply, said)
        self._stands.put((channel, message.key), complete)
        return complete

    def edit(self, place: Place, message: Message) -> Place:
        if not place.message:
            raise NotFound("That is no message in Webex.")
        said = render(message.reply, message.key, self._clock.now())
        if self._said.get(place.message) != said.markdown and (message.final or message.edits < EDITS - 1):
            self._change(place, message, said)
        complete = self._shelf.show(place, message.reply.title, message.reply.buttons)
        self._stands.put((place.channel, message.key), complete)
        return complete

    def find(self, place: Place, key: str) -> Place | None:
        """The newest few hundred messages are looked through: what is asked for was said just before a crash."""
        known = self._stands.get((place.channel, key))
        if known or not self._is_direct(place.channel):
            return known
        me = self._calls.identity().id
        cards: dict[object, str] = {}
        for message in self._calls.newest(place.channel, place.thread, LOOKED_THROUGH):
            parent, id_ = message.get("parentId"), str(message["id"])
            if message.get("personId") == me and bears(str(message.get("markdown") or message.get("text")), key):
                return Place(WEBEX, place.channel, parent, id_, cards.get(id_))
            if message.get("personId") == me and message.get("attachments"):
                cards.setdefault(parent, id_)
        return None

    def whisper(self, request: Request, reply: Reply) -> None:
        self._shelf.answered(request.id, refused=bool(reply.code))
        self._now_or_soon(request, partial(self._whisper, request, reply))

    def _whisper(self, request: Request, reply: Reply) -> None:
        place = request.place
        said = render(reply, f"whisper:{request.id}", self._clock.now())
        if reply.code or not reply.private or self._is_direct(place.channel):
            self._whisper_in(Place(WEBEX, place.channel, self._under(request)), reply, said)
            return
        where = self._written_to(request, said)
        self._now_or_soon(request, partial(self._calls.post, place.channel, self._intake.root(request), where))

    def _written_to(self, request: Request, said: Rendered) -> str:
        """Where the answer is. Who cannot be written to learns that much: silence looks like a bot that is gone."""
        try:
            self._calls.write_to(request.who.id, said.markdown)
        except Unavailable:
            raise
        except QuarterdeckError as refused:
            log.warning("%s could not be answered directly: %s %s", request.id, refused.sentence, refused.fact)
            return NOWHERE
        return ELSEWHERE

    def _now_or_soon(self, request: Request, job: Job) -> None:
        now_or_soon(request.id, job, self._intake.later)

    def invite(self, address: str, reply: Reply) -> None:
        """Once in a while only: whoever may send invitations may not send somebody heaps of them."""
        if not self._people.invitable(address):
            raise NotAllowed(
                "Only people of the domains that are named in the configuration are invited.",
                fact=f"{address.rpartition('@')[2]} is none of them.",
                hint="Name it under chat.webex.domains.",
            )
        if self._invited.get(address.lower()):
            raise Refused(f"{address} was invited within the last hour.", hint="It stands in their direct messages.")
        said = render(reply, f"invite:{address}", self._clock.now())
        try:
            room, message = self._calls.invite(address, said.markdown)
        except NotFound as unknown:
            raise NotFound(f"Webex knows nobody of the address {address}.", hint=f"invite {address}") from unknown
        self._invited.put(address.lower(), True)  # noqa: FBT003 - the value is of no matter
        self._complete(Place(WEBEX, room, None, message), reply, said)

    def _whisper_in(self, place: Place, reply: Reply, said: Rendered) -> None:
        posted = self._calls.post(place.channel, place.thread, said.markdown)
        self._complete(Place(WEBEX, place.channel, place.thread, posted), reply, said)

    def _under(self, request: Request) -> str | None:
        """Alone with the bot everything is seen as it comes; among others an answer stands under its order."""
        return request.place.thread if self._is_direct(request.place.channel) else self._intake.root(request)

    def _change(self, place: Place, message: Message, said: Rendered) -> None:
        stands = place.message or ""
        later = self._goes_on.get(stands)
        try:
            self._calls.edit(later or stands, place.channel, said.markdown)
        except (Invalid, NotFound) as refused:
            if not message.final or (isinstance(refused, NotFound) and not later):
                raise
            log.warning("a verdict stands in a reply: %s %s", refused.sentence, refused.fact)
            self._goes_on.put(stands, self._calls.post(place.channel, place.thread or stands, said.markdown))
        self._said.put(stands, said.markdown)
        if message.final:
            self._attach(place, message.reply, said)

    def _complete(self, stands: Place, reply: Reply, said: Rendered) -> Place:
        """What goes under a message once it stands. To say it failed would have the message said again."""
        try:
            stands = self._shelf.show(stands, reply.title, reply.buttons)
        except Unavailable as error:
            log.warning("%s stands without its buttons: %s", stands.message, error.sentence)
        self._attach(stands, reply, said)
        return stands

    def _attach(self, place: Place, reply: Reply, said: Rendered) -> None:
        """Under the message, which could not be edited if it held the file."""
        if not said.file or not place.message:
            return
        title = fit(heading(reply), TITLE)
        try:
            self._calls.attach(place.channel, place.thread or place.message, title, said.file)
        except QuarterdeckError as error:
            log.warning("a file was not put under %s: %s %s", place.message, error.sentence, error.fact)

    def _is_direct(self, room: str) -> bool:
        known = self._direct.get(room)
        if known is None:
            try:
                known = self._calls.room(room).get("type") == "direct"
            except (NotAllowed, NotFound):
                return False
            self._direct.put(room, known)
        return known

    def _moderates(self, room: str) -> bool:
        membership = self._calls.membership(room, self._calls.identity().id)
        return bool(membership and membership.get("isModerator"))
