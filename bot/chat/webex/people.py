"""Webex's person id → who that is. Asked once in a while: a name changes seldom, and a right may be taken away."""

import logging
from datetime import timedelta

from bot.chat.recent import Recent
from bot.chat.webex.access import WEBEX, WebexAccess
from bot.chat.webex.calls import Calls, email
from bot.chat.webex.cards import Json
from bot.chat.webex.undo import bare
from bot.core.clock import Clock
from bot.core.errors import Invalid, NotFound
from bot.core.model import Who

log = logging.getLogger(__name__)
FRESH = timedelta(minutes=5)
MOST = 5_000
A_BOT = "a bot"
FREE = "consumer"
"""The one organisation of all people and bots whose account costs nothing: to be in it tells nothing of anybody."""


class People:
    def __init__(self, access: WebexAccess, calls: Calls, clock: Clock) -> None:
        self._access = access
        self._calls = calls
        self._known: Recent[str, Who] = Recent(clock, FRESH, MOST)

    def who(self, person: str) -> Who:
        """Unavailable where Webex does not say: nobody acts here whom we do not know."""
        return self._known.get(person) or self.anew(person)

    def anew(self, person: str) -> Who:
        """Whatever is remembered: for what was ordered long ago."""
        found = self._ask(person)
        self._known.put(person, found)
        return found

    def invitable(self, address: str) -> bool:
        """May somebody be written to of whom nothing else is known? Only where domains were named."""
        return _domain(address) in self._access.domains

    def _ask(self, person: str) -> Who:
        try:
            found = self._calls.person(person)
        except NotFound:
            return Who(WEBEX, person, person, outsider="unknown to Webex")
        outsider = self._outside(found)
        return Who(
            WEBEX,
            person,
            display_name(found) or person,
            email=None if outsider else email(found),
            groups=frozenset() if outsider else self._rooms_of(person),
            outsider=outsider,
        )

    def _rooms_of(self, person: str) -> frozenset[str]:
        """Of the rooms that a role names. The bot has to be in a room itself to be told; else nobody is in it."""
        return frozenset(room for room in self._access.rooms() if self._is_in(room, person))

    def _is_in(self, room: str, person: str) -> bool:
        try:
            return self._calls.membership(room, person) is not None
        except (NotFound, Invalid) as error:
            log.warning("the members of room %s are not known: %s %s", room, error.sentence, error.fact)
            return False

    def _outside(self, person: Json) -> str:
        """What keeps somebody from being a member; empty for members. Guests are of an organisation of their own."""
        if person.get("type") != "person":
            return A_BOT
        orgs, org = self._access.orgs or {self._calls.identity().org}, str(person.get("orgId") or "")
        if not org or org not in orgs:
            return "from another organisation"
        if bare(org) == FREE and not self._access.domains:
            return "of a free account, as anybody can have one, and the configuration names no domains"
        fine = not self._access.domains or self.invitable(email(person) or "")
        return "" if fine else "from another domain"


def display_name(person: Json) -> str:
    """The short name, as one calls somebody; else the name, else what stands before the @."""
    given = person.get("nickName") or person.get("displayName")
    return str(given) if given else (email(person) or "").partition("@")[0]


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()
