"""The tab of the app that each person has: published when it is opened, and again while they may still be looking."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from threading import Condition, Thread
from time import monotonic

from slack_sdk.models.blocks import ContextBlock, DividerBlock, MarkdownTextObject
from slack_sdk.models.views import View

from bot.chat import Home
from bot.chat.recent import Recent
from bot.chat.slack.blocks import Json, moment, render
from bot.chat.slack.calls import Calls
from bot.chat.slack.people import People
from bot.core.clock import Clock
from bot.core.errors import QuarterdeckError
from bot.core.model import Reply

log = logging.getLogger(__name__)
LOOKING, VIEWERS = timedelta(minutes=15), 20
PAUSE = 15.0
"""Between two renewals. Twenty people each quarter of a minute stay below the hundred a minute that Slack allows."""
BLOCKS, LETTERS = 95, 9_000


class HomeTab:
    """One thread publishes. Who opens the tab is served first, changes wait for their turn."""

    def __init__(self, calls: Calls, people: People, clock: Clock, now: Callable[[], float] = monotonic) -> None:
        self._calls = calls
        self._people = people
        self._clock = clock
        self._now = now
        self._home: Home | None = None
        self._viewers: Recent[str, bool] = Recent(clock, LOOKING, VIEWERS)
        self._wake = Condition()
        self._opened: dict[str, None] = {}
        self._changed = False
        self._stopping = False
        self._renewed = -PAUSE
        self._thread = Thread(target=self._run, name="slack-home", daemon=True)

    def furnish(self, home: Home) -> None:
        self._home = home

    def start(self) -> None:
        if self._home:
            self._thread.start()

    def stop(self) -> None:
        with self._wake:
            self._stopping = True
            self._wake.notify()
        if self._thread.ident:
            self._thread.join(5)

    def opened(self, user: str) -> None:
        """Returns at once. More people than that are not served at a time: they open it again."""
        self._viewers.put(user, True)  # noqa: FBT003 - the value is of no matter
        with self._wake:
            if len(self._opened) < VIEWERS:
                self._opened[user] = None
            self._wake.notify()

    def renew(self) -> None:
        with self._wake:
            self._changed = True
            self._wake.notify()

    def _run(self) -> None:
        while (users := self._next()) is not None:
            for user in users:
                self._publish(user)

    def _next(self) -> list[str] | None:
        """Whom to show it to now; None at the end. While nothing changes it waits without a time."""
        with self._wake:
            while not self._due():
                self._wake.wait(self._until_due() if self._changed else None)
            if self._stopping:
                return None
            users, self._opened = list(self._opened), {}
            if self._renewable():
                self._changed, self._renewed = False, self._now()
                users += [user for user in self._viewers.standing() if user not in users]
            return users

    def _due(self) -> bool:
        return bool(self._stopping or self._opened or self._renewable())

    def _renewable(self) -> bool:
        return self._changed and self._until_due() == 0

    def _until_due(self) -> float:
        return max(0.0, self._renewed + PAUSE - self._now())

    def _publish(self, user: str) -> None:
        if self._home is None:
            return
        try:
            self._calls.publish(user, view(self._home(self._people.who(user)), self._clock.now()))
        except QuarterdeckError as error:
            log.warning("the home of %s is not shown: %s %s", user, error.sentence, error.fact)
        except Exception:
            log.exception("the home of %s", user)


def view(parts: Sequence[Reply], now: datetime) -> Json:
    """Each part as a message would show it, as far as a view takes them. It does not move, so it says of when it is."""
    blocks: list[Json] = []
    for part in parts:
        added = [*([DividerBlock().to_dict()] if blocks else []), *render(part, now).blocks]
        if len(blocks) + len(added) > BLOCKS or _letters(blocks) + _letters(added) > LETTERS:
            break
        blocks += added
    line = ContextBlock(elements=[MarkdownTextObject(text=f"as of {moment(now)}", verbatim=True)])
    return View(type="home", blocks=[*blocks, line]).to_dict()


def _letters(found: object) -> int:
    """All text in it, however deep."""
    if isinstance(found, dict):
        return sum(_letters(value) for value in found.values())
    if isinstance(found, list):
        return sum(map(_letters, found))
    return len(found) if isinstance(found, str) else 0
