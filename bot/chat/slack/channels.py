"""A channel's name → its id. People write names; Slack's events, and with them our places, bear ids."""

import logging
import re
from datetime import timedelta
from threading import Lock

from bot.chat.recent import Recent
from bot.chat.slack.calls import Calls
from bot.core.clock import Clock
from bot.core.errors import QuarterdeckError

log = logging.getLogger(__name__)
ID = re.compile(r"[CDG][A-Z0-9]{6,}")
FRESH, PAUSE = timedelta(hours=1), timedelta(minutes=1)
PAGES = 20


class Channels:
    """One asks at a time: all of them are told at once."""

    def __init__(self, calls: Calls, clock: Clock) -> None:
        self._calls = calls
        self._asking = Lock()
        self._ids: Recent[str, str] = Recent(clock, FRESH, PAGES * 1_000)
        self._asked: Recent[str, bool] = Recent(clock, PAUSE, 1)

    def id(self, name: str) -> str:
        """The name itself where it cannot be found out: Slack takes it, too, where something is posted."""
        plain = name.removeprefix("#")
        if ID.fullmatch(plain):
            return plain
        with self._asking:
            if self._ids.get(plain) is None and self._asked.first("", True) is None:  # noqa: FBT003 - of no matter
                self._ask()
            return self._ids.get(plain) or plain

    def _ask(self) -> None:
        cursor: str | None = None
        try:
            for _ in range(PAGES):
                found, cursor = self._calls.channels(cursor)
                for channel in found:
                    self._ids.put(str(channel.get("name")), str(channel.get("id")))
                if cursor is None:
                    return
        except QuarterdeckError as error:
            log.warning("channels are not known by their names: %s %s", error.sentence, error.fact)
