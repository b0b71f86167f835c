"""Slack as a platform: what the port asks for, each part done by the file of its name."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from functools import partial

from bot.chat import Answer, Choices, Home, Receive
from bot.chat.recent import Recent
from bot.chat.slack.access import SLACK, Mode, SlackAccess
from bot.chat.slack.blocks import Json, commands, render
from bot.chat.slack.budget import POST, UPDATE
from bot.chat.slack.calls import EVENT, Calls
from bot.chat.slack.channels import Channels
from bot.chat.slack.desk import Desk
from bot.chat.slack.failures import absent, apart
from bot.chat.slack.files import Files
from bot.chat.slack.heard import Heard, Payload
from bot.chat.slack.home import HomeTab
from bot.chat.slack.intake import Intake
from bot.chat.slack.link import Link
from bot.chat.slack.listen import make_app
from bot.chat.slack.manifest import PATH
from bot.chat.slack.people import People
from bot.chat.slack.robots import Robots
from bot.chat.slack.signed import NOT_SLACK, Signed
from bot.chat.slack.whispers import Whispers, alone
from bot.core.clock import Clock
from bot.core.errors import NotAllowed, NotFound, QuarterdeckError
from bot.core.model import Message, Place, Reply, Request, Who
from bot.every import Every

log = logging.getLogger(__name__)
PAGES = 5
WRITABLE_FOR = timedelta(minutes=1)
ROUND = 60.0
IN_IT = ("is_member", "is_im", "is_mpim")
"""Of direct messages, also those of several people, it is told only where it is one of them."""


class SlackPlatform:
    """`start` once and `stop` once; in mode http the web edge calls `handle` for `POST /slack/events`."""

    def __init__(self, access: SlackAccess, clock: Clock) -> None:
        self._clock = clock
        self._calls = Calls(access, clock)
        self._channels = Channels(self._calls, clock)
        self._people = people = People(self._calls, clock)
        self._desk = Desk(self._calls, people, clock)
        self._files = Files(self._calls, people, clock)
        self._tab = HomeTab(self._calls, people, clock)
        self._open: Recent[str, bool] = Recent(clock, WRITABLE_FOR, 1_000)
        self._robots = robots = Robots(self._calls, access.bots, clock)
        self._intake = Intake(people, robots, self.whisper, self.writable, self._pressable, self._desk.open, clock)
        self._whispers = Whispers(self._calls, robots, self._files, self._intake.aside, clock)
        app = make_app(access, self._take, self._choose, self._desk, self._tab)
        self._link = Link(app, access, access.app_token) if access.mode is Mode.SOCKET and access.app_token else None
        self._signed = (
            Signed(app, access.signing_secret) if access.mode is Mode.HTTP and access.signing_secret else None
        )
        self._rounds = Every("slack-token", clock.real(ROUND), self._introduce)
        self._receive: Receive | None = None

    @property
    def name(self) -> str:
        return SLACK

    @property
    def edit_budget(self) -> int | None:
        return None

    @property
    def ignored(self) -> dict[str, int]:
        return self._signed.ignored if self._signed else {}

    def offer(self, choices: Choices) -> None:
        """What fills the form of a `/deploy` without words; until then no form is opened."""
        self._desk.offer(choices)

    def furnish(self, home: Home) -> None:
        """What stands in the tab that each person has; until then it is empty."""
        self._tab.furnish(home)

    def renew(self) -> None:
        self._tab.renew()

    def channel(self, name: str) -> str:
        return self._channels.id(name)

    def start(self, receive: Receive) -> None:
        """Slack may be away: then `healthy` says so, and the socket is opened as soon as it can be."""
        self._receive = receive
        self._intake.start()
        self._tab.start()
        self._introduce()
        self._rounds.start()
        if self._link:
            self._link.start()

    def stop(self) -> None:
        """Nothing new is heard, what was heard is handed over."""
        if self._receive is None:
            return
        self._rounds.stop()
        if self._link:
            self._link.stop()
        self._intake.stop()
        self._tab.stop()
        self._receive = None

    @property
    def path(self) -> str | None:
        return PATH if self._signed else None

    def handle(self, headers: Mapping[str, str], raw: bytes) -> Answer:
        return self._signed.handle(headers, raw) if self._signed else NOT_SLACK

    def direct(self, who: Who) -> Place:
        return Place(SLACK, self._people.room(who.id))

    def vouch(self, who: Who) -> Who:
        return (self._robots if who.robot else self._people).anew(who.id)

    def healthy(self) -> str | None:
        if self._receive is None:
            return "Slack is not listened to."
        return self._calls.trouble or (self._link.wrong() if self._link else None)

    def writable(self, place: Place) -> str | None:
        """Asked before each slash order, so what was found stands for a minute."""
        if self._open.get(place.channel):
            return None
        try:
            found = self._calls.channel(place.channel)
        except NotAllowed:
            name = self._calls.identity().name
            return apart(name) if alone(place) else absent(name)
        if found.get("is_archived"):
            return "The channel is archived."
        if not any(found.get(key) for key in IN_IT):
            return absent(self._calls.identity().name, str(found.get("name") or ""))
        self._open.put(place.channel, True)  # noqa: FBT003 - the value is of no matter
        return None

    def post(self, message: Message) -> Place:
        said = render(message.reply, self._clock.now())
        self._calls.spend(POST, message.place.channel, final=message.final)
        try:
            channel, stands = self._calls.post(message.place.channel, message.place.thread, message.key, said)
        except NotAllowed:
            self._open.take(message.place.channel)
            raise
        place = Place(SLACK, channel, message.place.thread, stands)
        self._files.under(place, message, said)
        return place

    def edit(self, place: Place, message: Message) -> Place:
        if not place.message:
            raise NotFound("That is no message in Slack.")
        said = render(message.reply, self._clock.now())
        self._calls.spend(UPDATE, place.channel, final=message.final)
        self._calls.update(place.channel, place.message, message.key, said)
        if message.final:
            self._files.under(place, message, said)
        return place

    def find(self, place: Place, key: str) -> Place | None:
        """The newest few hundred messages are looked through: what is asked for was said just before a crash."""
        cursor: str | None = None
        for _ in range(PAGES):
            messages, cursor = self._calls.messages(place.channel, place.thread, cursor)
            found = next((m for m in messages if _key(m) == key), None)
            if found:
                return Place(SLACK, place.channel, place.thread, str(found["ts"]))
            if cursor is None:
                break
        return None

    def whisper(self, request: Request, reply: Reply) -> None:
        self._whispers.say(request, reply, self._intake.answer_url(request))

    def _introduce(self) -> None:
        """Done over and over, so that a token that was taken away is noticed while nobody orders.

        And so is one that is taken again: nothing is delivered to a replica that is not ready, so it asks nothing else.
        """
        try:
            self._calls.introduce()
        except QuarterdeckError as error:
            log.warning("%s %s", error.sentence, error.fact)

    def _take(self, heard: Heard) -> None:
        if self._receive:
            self._intake.take(heard, self._receive)

    def _choose(self, payload: Payload) -> None:
        self._desk.expect(payload)
        self._intake.aside(partial(self._desk.turn_to, payload), 0)

    def _pressable(self, channel: str, message: str, command: str, thread: str | None) -> None:
        """Somebody's Slack may show an older state of a message. What only one person sees cannot be looked at."""
        if not channel:
            return
        try:
            standing = self._calls.message(channel, message, thread)
        except QuarterdeckError as error:
            log.info("a pressed message was not looked at: %s %s", error.sentence, error.fact)
            return
        if standing and command not in commands(standing.get("blocks") or ()):
            raise NotFound("That button is gone.", fact="The message has changed meanwhile.", hint=command)


def _key(message: Json) -> str | None:
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != EVENT:
        return None
    payload = metadata.get("event_payload") or {}
    return payload.get("key")
