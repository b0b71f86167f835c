"""Which registries cannot be read, and since when: what a look that fails would otherwise tell the log alone.

Told once an outage where the bot speaks of itself, and when it is over. A single failure is not worth a word; one that
comes back within the hour is the same outage, so that a registry which flaps fills no channel. What was told is in the
store: a restart tells nothing twice.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock

from msgspec.structs import replace

from bot.core.errors import QuarterdeckError
from bot.core.model import Reply
from bot.core.outage import Outage, begun, ended, reason, unwatched
from bot.core.references import parse
from bot.engine.watched import Watchers
from bot.ports import Ports

LONG = timedelta(minutes=10)
SAME = timedelta(hours=1)
Tell = Callable[[str, Reply], None]


class Unread:
    """The leader's: the other replicas look only where a push was told of. One lock guards what is known."""

    def __init__(self, ports: Ports, watchers: Watchers, tell: Tell) -> None:
        self._ports = ports
        self._watchers = watchers
        self._tell = tell
        self._leading = False
        self._failing: dict[str, datetime] = {}
        self._outages: dict[str, Outage] = {}
        self._lock = Lock()

    def take_over(self) -> None:
        with self._lock:
            standing = self._ports.store.outages()
            self._outages = {outage.registry: outage for outage in standing}
            before = self._failing if self._leading else {}
            self._failing = {name: outage.since for outage in standing for name in outage.repositories} | before
            self._leading = True
            for outage in standing:
                self._forget_unwatched(outage)

    def let_go(self) -> None:
        with self._lock:
            self._leading = False

    def failed(self, repository: str, error: QuarterdeckError) -> None:
        with self._lock:
            now = self._ports.clock.now()
            since = self._failing.setdefault(repository, now)
            if self._leading and now - since >= LONG:
                self._stands(parse(repository).host, since, error, now)

    def read(self, repository: str) -> None:
        with self._lock:
            self._failing.pop(repository, None)
            outage = self._outages.get(parse(repository).host)
            if self._leading and outage and repository in outage.repositories:
                self._better(outage, repository)

    def failing(self) -> dict[str, int]:
        """How many repositories of each registry could not be read at the last look. Only who leads looks at all."""
        with self._lock:
            if not self._leading:
                return {}
            failing = set(self._failing)
        found: Counter[str] = Counter()
        for name in self._watchers():
            found[parse(name).host] += name in failing
        return dict(found)

    def _stands(self, registry: str, since: datetime, error: QuarterdeckError, now: datetime) -> None:
        """Said anew only for services that nobody was told of, and not with every one of them."""
        before = self._outages.get(registry)
        if before and before.over and now - before.over >= SAME:
            before = None
        known = self._watchers()
        failing = tuple(name for name in self._failing if name in known and parse(name).host == registry)
        services = tuple(sorted({service.name for name in failing for service in known[name]}))
        if not services:
            return
        if before and not before.over and (set(services) <= set(before.services) or now - before.told < LONG):
            if set(failing) != set(before.repositories):
                self._keep(replace(before, repositories=failing))
            return
        begin = before.since if before else since
        outage = Outage(registry, begin, failing, services, now, *reason(error))
        self._say(outage, begun(outage, self._ports.catalogue.zone))

    def _better(self, outage: Outage, repository: str) -> None:
        left = tuple(name for name in outage.repositories if name != repository and name in self._watchers())
        now = self._ports.clock.now()
        after = replace(outage, repositories=left, over=None if left else now)
        if left:
            self._keep(after)
        else:
            self._say(after, ended(outage, now, self._ports.catalogue.zone))

    def _forget_unwatched(self, outage: Outage) -> None:
        if outage.over is None and not any(name in self._watchers() for name in outage.repositories):
            self._say(replace(outage, repositories=(), over=self._ports.clock.now()), unwatched(outage))

    def _say(self, outage: Outage, reply: Reply) -> None:
        """Said before it is written down: under its key it is one message, however often it is said."""
        self._tell(outage.key, reply)
        self._keep(outage)

    def _keep(self, outage: Outage) -> None:
        self._outages[outage.registry] = outage
        self._ports.store.save_outage(outage)
