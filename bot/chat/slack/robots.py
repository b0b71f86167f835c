"""Other bots: heard only where the configuration names them, each as itself alone, and not answered for ever."""

import logging
from datetime import timedelta
from threading import Lock

from bot.chat.recent import Recent
from bot.chat.slack.access import SLACK
from bot.chat.slack.blocks import Json
from bot.chat.slack.calls import Calls
from bot.chat.slack.people import FRESH, outside
from bot.core.clock import Clock
from bot.core.errors import NotFound
from bot.core.model import Who

log = logging.getLogger(__name__)
SILENT_FOR = timedelta(hours=1)
ANSWERS = 3
MOST = 1_000
ITSELF = "this bot itself"
NO_BOT = {"is_bot": False, "is_workflow_bot": False}


class Robots:
    """A bot has the name and the rights that belong to its own id, whoever it says it speaks for."""

    def __init__(self, calls: Calls, allowed: frozenset[str], clock: Clock) -> None:
        self._calls = calls
        self._allowed = allowed
        self._lock = Lock()
        self._told: Recent[str, bool] = Recent(clock, SILENT_FOR, MOST)
        self._known: Recent[str, Who] = Recent(clock, FRESH, MOST)
        self._answered: Recent[str, int] = Recent(clock, SILENT_FOR, MOST)

    def allows(self, bot: str) -> bool:
        """Asks nobody. Who looks for the id to allow finds it in the log."""
        if bot in self._allowed:
            return True
        if self._told.first(bot, True) is None:  # noqa: FBT003 - the value is of no matter
            log.info("bot %s is not heard: chat.slack.allow_bots does not name it", bot)
        return False

    def who(self, bot: str) -> Who:
        """Unavailable where Slack does not say."""
        return self._known.get(bot) or self.anew(bot)

    def anew(self, bot: str) -> Who:
        found = self._ask(bot)
        self._known.put(bot, found)
        return found

    def left_to_answer(self, bot: str) -> int:
        """How many private answers it gets, this one counted, until it has been left alone for a while.

        One that answers every refusal with another order would go on for ever.
        """
        with self._lock:
            answered = self._answered.get(bot) or 0
            if answered < ANSWERS:
                self._answered.put(bot, answered + 1)
            return ANSWERS - answered

    def _ask(self, bot: str) -> Who:
        try:
            found = self._calls.bot(bot)
            outsider = self._outside(bot, found)
        except NotFound:
            return Who(SLACK, bot, bot, outsider="unknown to this workspace", robot=True)
        return Who(SLACK, bot, str(found.get("name") or bot), outsider=outsider, robot=True)

    def _outside(self, bot: str, found: Json) -> str:
        """The bot of an app has a user, and that one a workspace; a webhook is of the workspace that knows it."""
        me, user = self._calls.identity(), str(found.get("user_id") or "")
        if bot == me.bot or user == me.user:
            return ITSELF
        if bot not in self._allowed:
            return "a bot that is not allowed"
        if found.get("deleted"):
            return "deactivated"
        return outside({**self._calls.user(user), **NO_BOT}, me.team) if user else ""
