"""What an image does when it runs: the simulation's only source of success and failure."""

import re
from collections.abc import Callable
from enum import StrEnum

from msgspec import Struct


class Trouble(StrEnum):
    NONE = "healthy"
    MISSING = "missing"
    CRASH = "crash"
    OOM = "oom"
    FOREIGN = "foreign"
    UNMOUNTED = "unmounted"
    UNREADY = "unready"
    UNLIVE = "unlive"


class Behaviour(Struct, frozen=True):
    """Seconds are simulated: `start` until it runs, `ready` until its probe answers, `after` until it dies.

    A crash whose `after` is longer than `ready` first looks like a good rollout, as real ones do.
    """

    trouble: Trouble = Trouble.NONE
    exit_code: int = 1
    start: float = 1.0
    ready: float = 2.0
    after: float = 1.0
    last_words: tuple[str, ...] = ()

    @property
    def dies(self) -> bool:
        return self.trouble in (Trouble.CRASH, Trouble.OOM, Trouble.FOREIGN)


Behave = Callable[[str], Behaviour | None]

LAST_WORDS = {
    Trouble.CRASH: ("panic: no database",),
    Trouble.OOM: ("reading the whole table",),
    Trouble.FOREIGN: ("exec /app: exec format error",),
}
EXITS = {Trouble.OOM: 137, Trouble.FOREIGN: 255}
SLOW = 30.0
_WORD = re.compile(
    r"(?<![a-z])(missing|crash|oom|foreign|unmounted|unready|unlive|slow)(?![a-z])(?:-(\d+))?(?:-after-(\d+))?"
)


def by_words(image: str) -> Behaviour:
    """`app:crash-3` exits with 3; `app:crash-3-after-20` first runs for 20 seconds; `app:slow-9` is ready after 9."""
    last_part = image.partition("@")[0].rpartition("/")[2]
    found = _WORD.search(last_part)
    if found is None:
        return Behaviour()
    word, number, after = found.groups()
    if word == "slow":
        return Behaviour(ready=float(number or SLOW))
    trouble = Trouble(word)
    code = EXITS.get(trouble) or int(number or 1)
    return Behaviour(trouble, exit_code=code, after=float(after or 1), last_words=LAST_WORDS.get(trouble, ()))


def no_opinion(image: str) -> Behaviour | None:  # noqa: ARG001
    return None
