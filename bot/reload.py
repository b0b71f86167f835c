"""The configuration that stands now, and how another one takes its place: as a whole, or not at all."""

import logging
from collections.abc import Callable
from pathlib import Path
from threading import Event

from bot.core.catalogue import Catalogue
from bot.core.errors import QuarterdeckError, Refused
from bot.core.model import Reply, Tone
from bot.core.render import lines
from bot.every import Every
from config import Settings
from config.changes import Changes, changes, moved, places

log = logging.getLogger(__name__)
EVERY = 2.0
Signature = tuple[int, ...] | None


class Current:
    """Everybody asks this each time. Taking over another snapshot is one assignment."""

    def __init__(self, settings: Settings) -> None:
        self._stands = (settings, settings.catalogue())

    def __call__(self) -> Catalogue:
        return self._stands[1]

    @property
    def settings(self) -> Settings:
        return self._stands[0]

    def take(self, settings: Settings) -> None:
        self._stands = (settings, settings.catalogue())


class Reloader:
    """Looks at the file now and then: a mounted ConfigMap changes by a link, which no notice reaches everywhere.

    `load` reads it, `took` follows what was taken over, `tell` says to people what became of it. The first look reads
    it in any case: it may have changed while the bot started.
    """

    def __init__(
        self,
        path: Path,
        current: Current,
        load: Callable[[], Settings],
        took: Callable[[], None],
        tell: Callable[[Reply], None],
    ) -> None:
        self._path = path
        self._current = current
        self._load = load
        self._took = took
        self._tell = tell
        self._started = current.settings
        self._places = places(current.settings)
        self._seen: Signature = None
        self._read: Signature = ()
        self._refused = False
        self._asked = Event()
        self._rounds = Every("reload", EVERY, self._round)

    @property
    def refused(self) -> bool:
        """Is the file as it stands not what is in force?"""
        return self._refused

    def start(self) -> None:
        self._rounds.start()

    def stop(self) -> None:
        self._rounds.stop()

    def ask(self) -> None:
        """Read it now, changed or not: what it takes from the environment's files may have changed."""
        self._asked.set()
        self._rounds.nudge()

    def look(self, *, asked: bool = False) -> None:
        """A file that is being written differs from look to look: it is read once it rests."""
        seen = _signature(self._path)
        rests, self._seen = seen == self._seen, seen
        if asked or (rests and seen != self._read):
            self._read = seen
            self._reload()

    def _round(self) -> None:
        """Forgotten only where it was seen: one who asks in between is heard in the next round."""
        asked = self._asked.is_set()
        if asked:
            self._asked.clear()
        self.look(asked=asked)

    def _reload(self) -> None:
        try:
            found = self._take_over()
        except QuarterdeckError as error:
            self._refused = True
            log.error("the configuration is refused: %s %s", error.sentence, error.fact)  # noqa: TRY400 - no bug of ours
            self._tell(_refusal(self._path.name, error))
            return
        was, self._refused = self._refused, False
        if found.now:
            self._took()
        if found != Changes() or was:
            told = _taken(self._path.name, found)
            log.info("%s", ". ".join(line for line in (told.title, told.body) if line))
            self._tell(told)

    def _take_over(self) -> Changes:
        after = self._load()
        self._check(after)
        found = changes(self._started, self._current.settings, after)
        if found.now:
            self._places |= places(after)
            self._current.take(after)
        return found

    def _check(self, after: Settings) -> None:
        """What this process cannot follow is refused with all the rest: half a configuration is nobody's."""
        elsewhere = list(moved(self._places, after))
        strange = [name for name, found in after.environments.items() if found.cluster not in self._started.clusters]
        if elsewhere or strange:
            raise Refused(
                f"{self._path.name} needs a restart.",
                fact=f"Moved, or in a cluster that is new: {', '.join(dict.fromkeys([*elsewhere, *strange]))}.",
                hint="Restart the bot: nothing of the file is in force until then.",
            )


def _refusal(name: str, error: QuarterdeckError) -> Reply:
    return Reply(
        f"{name} is refused: what stood before it stays",
        Tone.BAD,
        body=lines(error.sentence, error.fact, error.hint),
        code=error.code,
    )


def _taken(name: str, found: Changes) -> Reply:
    """One sentence: what changed, and what of it waits."""
    waits = f"Only after a restart: {'; '.join(found.later)}." if found.later else ""
    if found.now:
        return Reply(f"{name} is in force: {'; '.join(found.now)}", Tone.WARNING if waits else Tone.GOOD, body=waits)
    title = "changed what needs a restart" if waits else "is good again: it says what is in force"
    return Reply(f"{name} {title}", Tone.WARNING if waits else Tone.GOOD, body=waits)


def _signature(path: Path) -> Signature:
    """Of the file behind all links; none where there is no file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size)
