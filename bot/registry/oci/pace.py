"""How often one registry is asked. One that fails is left alone for a while, and longer each time;
one that names a time, or a quota, is taken at its word.
"""

import time
from collections.abc import Callable
from threading import Lock

from bot.core.errors import Unavailable
from bot.core.words import span
from bot.registry.oci.message import Answer

LONGEST_PAUSE = 60.0
LONGEST_ASKED_FOR = 3600.0
Now = Callable[[], float]


class Pace:
    def __init__(self, name: str, now: Now = time.monotonic) -> None:
        self._name = name
        self._now = now
        self._failures = 0
        self._closed_until = 0.0
        self._spent_until = 0.0
        self._quota = ""
        self._why = Unavailable("")
        self._lock = Lock()

    def check(self, *, counted: bool) -> None:
        """`counted`: a question that the registry may have a quota for."""
        with self._lock:
            now = self._now()
            if now < self._closed_until:
                raise self._again(self._why, self._closed_until - now)
            if counted and now < self._spent_until:
                raise self._again(Unavailable(self._quota), self._spent_until - now)

    def answered(self, answer: Answer) -> None:
        with self._lock:
            self._failures = 0
            limit, window = _quota(answer.header("ratelimit-limit"))
            left, _ = _quota(answer.header("ratelimit-remaining"))
            if left == 0 and limit and window:
                self._spent_until = self._now() + min(window / limit, LONGEST_ASKED_FOR)
                self._quota = f"{self._name} gives no more images for now: {limit} in {span(window)} are used up."

    def failed(self, why: Unavailable) -> None:
        """Those that were under way when the first one failed say nothing new, unless they name a time."""
        with self._lock:
            now = self._now()
            pause = min(why.retry_after or 0.0, LONGEST_ASKED_FOR)
            if now >= self._closed_until:
                self._failures += 1
                pause = max(pause, min(2.0 ** min(self._failures - 1, 10), LONGEST_PAUSE))
            if now + pause > self._closed_until:
                self._closed_until = now + pause
                self._why = why

    def _again(self, why: Unavailable, seconds: float) -> Unavailable:
        later = f"It is asked again in {span(max(1.0, seconds))}."
        return Unavailable(why.sentence, fact=f"{why.fact} {later}".strip(), hint=why.hint, retry_after=seconds)


def _quota(text: str) -> tuple[int | None, int | None]:
    """`100;w=21600`: so many in so many seconds."""
    count, _, window = text.partition(";w=")
    return _number(count), _number(window)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None
