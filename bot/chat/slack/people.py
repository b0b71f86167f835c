"""Slack's user id → who that is. Asked once in a while: a name changes seldom, and a right may be taken away."""

import logging
from datetime import timedelta

from bot.chat.recent import Recent
from bot.chat.slack.access import SLACK
from bot.chat.slack.blocks import Json
from bot.chat.slack.calls import Calls
from bot.core.clock import Clock
from bot.core.errors import Invalid, NotFound, QuarterdeckError
from bot.core.model import Who

log = logging.getLogger(__name__)
FRESH, LONG = timedelta(minutes=5), timedelta(days=1)
MOST = 5_000


# A role may name a user group either way.
NAMES = ("id", "handle")


class People:
    def __init__(self, calls: Calls, clock: Clock) -> None:
        self._calls = calls
        self._known: Recent[str, Who] = Recent(clock, FRESH, MOST)
        self._rooms: Recent[str, str] = Recent(clock, LONG, MOST)
        self._groups: Recent[str, dict[str, frozenset[str]]] = Recent(clock, FRESH, 1)

    def who(self, user: str) -> Who:
        """Unavailable where Slack does not say: nobody acts here whom we do not know."""
        return self._known.get(user) or self.anew(user)

    def anew(self, user: str) -> Who:
        """Whatever is remembered: for what was ordered long ago."""
        found = self._ask(user)
        self._known.put(user, found)
        return found

    def known(self, user: str) -> Who | None:
        """Asks nobody."""
        return self._known.get(user)

    def name(self, user: str) -> str:
        """For a text: the id where the name cannot be had."""
        try:
            return self.who(user).name
        except QuarterdeckError:
            return user

    def room(self, user: str) -> str:
        """Where the bot is alone with this person; such a channel never changes."""
        known = self._rooms.get(user)
        if known is None:
            known = self._calls.direct(user)
            self._rooms.put(user, known)
        return known

    def _ask(self, user: str) -> Who:
        try:
            found = self._calls.user(user)
        except NotFound:
            return Who(SLACK, user, user, outsider="unknown to this workspace")
        outsider = outside(found, self._calls.identity().team)
        return Who(
            SLACK,
            user,
            display_name(found) or user,
            email=None if outsider else _email(found),
            groups=frozenset() if outsider else self._groups_of(user),
            outsider=outsider,
        )

    def _groups_of(self, user: str) -> frozenset[str]:
        members = self._groups.get("")
        if members is None:
            members = self._ask_groups()
            self._groups.put("", members)
        return frozenset(handle for handle, users in members.items() if user in users)

    def _ask_groups(self) -> dict[str, frozenset[str]]:
        """Not every plan of Slack has groups, nor every app the right to read them: then nobody is in one."""
        try:
            found = self._calls.groups()
        except Invalid as error:
            log.info("user groups are not known: %s %s", error.sentence, error.fact)
            return {}
        named = ((str(group.get(key) or ""), frozenset(group.get("users") or ())) for group in found for key in NAMES)
        return {name: users for name, users in named if name}


def outside(user: Json, team: str) -> str:
    """What keeps this user from being a member of our team; empty for members."""
    if user.get("deleted"):
        return "deactivated"
    if user.get("is_bot") or user.get("is_workflow_bot"):
        return "a bot"
    if user.get("is_restricted") or user.get("is_ultra_restricted"):
        return "a guest"
    if user.get("is_stranger") or not _of_team(user, team):
        return "from another workspace"
    return ""


def display_name(user: Json) -> str:
    profile = user.get("profile") or {}
    return str(profile.get("display_name") or user.get("name") or profile.get("real_name") or "")


def _of_team(user: Json, team: str) -> bool:
    """In an organisation of several workspaces a member of another one may be a member of ours too."""
    teams = (user.get("enterprise_user") or {}).get("teams") or ()
    return bool(team) and (user.get("team_id") == team or team in teams)


def _email(user: Json) -> str | None:
    """What its owner has not confirmed proves nothing."""
    if user.get("is_email_confirmed") is False:
        return None
    return (user.get("profile") or {}).get("email") or None
