"""When registries are looked at: by the schedule on the leader, and at once where a push was told of.

One look per repository, however many services use it. What a look finds is `tagwatch.py`'s business.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from zlib import crc32

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.schedulers.base import STATE_RUNNING
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from bot.core.catalogue import USUALLY, Watch
from bot.core.errors import Busy, QuarterdeckError
from bot.core.model import Request
from bot.core.references import canonical, host
from bot.engine.looks import Looks
from bot.engine.tagwatch import TagWatch, Tell
from bot.engine.unread import Tell as TellAdmins
from bot.engine.unread import Unread
from bot.engine.watched import Watchers
from bot.ports import Ports
from bot.registry import Pushed
from bot.workers import Workers

log = logging.getLogger(__name__)
AT_ONCE = 8
WAITING = 10_000
STOP_WITHIN = 5.0


class Poller:
    def __init__(self, ports: Ports, tell: Tell, receive: Callable[[Request], None], tell_admins: TellAdmins) -> None:
        """Threads of its own: a slow registry holds up no order."""
        self._ports = ports
        self._workers = Workers(AT_ONCE, WAITING)
        self._watchers = Watchers(lambda: ports.catalogue)
        self._unread = Unread(ports, self._watchers, tell_admins)
        self._tags = TagWatch(ports, self._watchers, self._unread, tell, receive)
        self._looks = Looks(self._tags.look, self._workers.submit)
        self._scheduler = BackgroundScheduler(
            timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 60}
        )

    def start(self) -> None:
        self._workers.start()
        self._scheduler.start(paused=True)

    def take_over(self) -> None:
        """Looks from now on, as the catalogue says now: this replica leads.

        What nobody ever looked at is looked at now: until then nothing can be news.
        """
        self._unread.take_over()
        self._scheduler.remove_all_jobs()
        for repository, services in self._watchers().items():
            if self._ports.store.tags_seen(repository) is None:
                self._turn(repository)
            watches = {(watch.cron, watch.every): watch for service in services if (watch := service.watch)}
            for watch in watches.values():
                self._scheduler.add_job(partial(self._turn, repository), self._trigger(repository, watch))
        self._scheduler.resume()

    def let_go(self) -> None:
        self._scheduler.pause()
        self._unread.let_go()

    @property
    def looking(self) -> bool:
        return bool(self._scheduler.state == STATE_RUNNING)

    def failing(self) -> dict[str, int]:
        """How many watched repositories of each registry cannot be read; of nothing where another replica leads."""
        return self._unread.failing()

    def stop(self) -> None:
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        self._workers.stop(STOP_WITHIN)

    def take_up(self, carry_out: Callable[[Request], object]) -> None:
        """What waited for the end of a freeze goes now. It waits until it was given, whatever ends the process.

        One whose cluster or registry is away waits on, and keeps none of the others.
        """
        for found, environment in self._ports.store.waiting_deploys():
            if self._ports.closing(environment):
                continue
            try:
                request = self._tags.take_up(found, environment)
            except QuarterdeckError as error:
                log.warning("%s still waits to go to %s: %s", found.service, environment, error.sentence)
                continue
            if request:
                carry_out(request)
            self._ports.store.taken_up(found, environment)

    def pushed(self, told: Pushed) -> None:
        """Whichever replica is told looks: what is found is announced and ordered once by its key. Busy."""
        repositories = [name for name in self._watchers() if self._means(told, name)]
        for repository in repositories:
            self._looks.ask(repository)
        if not repositories:
            log.info("a push to %s: nobody watches it", told.repository or told.registry)

    def look(self, service: str) -> None:
        """Whoever else watches its repositories is looked at with it."""
        for repository in self._ports.service(service).repositories.values():
            self._looks.ask(canonical(repository, self._ports.catalogue.aliases))

    def _means(self, told: Pushed, repository: str) -> bool:
        aliases = self._ports.catalogue.aliases
        registry = aliases.get(host(told.registry), host(told.registry)) if told.registry else None
        if told.repository is None:
            return registry is None or repository.startswith(f"{registry}/")
        return canonical(f"{registry}/{told.repository}" if registry else told.repository, aliases) == repository

    def _turn(self, repository: str) -> None:
        try:
            self._looks.ask(repository)
        except Busy as error:
            log.warning("looking at %s: not this time: %s", repository, error.sentence)

    def _trigger(self, repository: str, watch: Watch) -> IntervalTrigger | CronTrigger:
        """Each begins at a moment of its own, which its name decides, so that all are spread over the interval."""
        if watch.cron:
            return CronTrigger.from_crontab(watch.cron, timezone=self._ports.catalogue.time_zone)
        seconds = max(1, round(self._ports.clock.real((watch.every or USUALLY).total_seconds())))
        first = timedelta(seconds=seconds * (crc32(repository.encode()) % 1000) / 1000)
        return IntervalTrigger(
            seconds=seconds, start_date=datetime.now(UTC) + first, jitter=max(1, round(seconds / 10))
        )
