"""The registry schedule: one check per repository, however many services use it.

What was seen is in the store, so nothing is announced twice and a restart misses nothing. A listing that
failed decides nothing.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.schedulers.base import STATE_RUNNING
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from bot.core import references
from bot.core.catalogue import Service, Watch
from bot.core.errors import NotFound, QuarterdeckError
from bot.core.events import TagFound
from bot.core.model import Request
from bot.core.tags import newest, wanted
from bot.core.workload import Image
from bot.engine.announce import beneath
from bot.engine.remedy import BOT_ITSELF
from bot.engine.workers import Job
from bot.planning import repository_of
from bot.ports import Ports

log = logging.getLogger(__name__)
DEFAULT_EVERY = timedelta(minutes=5)

Tell = Callable[[TagFound], None]


class Poller:
    def __init__(
        self, ports: Ports, tell: Tell, receive: Callable[[Request], None], submit: Callable[[Job], None]
    ) -> None:
        self._ports = ports
        self._tell = tell
        self._receive = receive
        self._submit = submit
        self._scheduler = BackgroundScheduler(
            timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 60}
        )

    def start(self) -> None:
        self._scheduler.start(paused=True)

    def resume(self) -> None:
        """Looks from now on, as the catalogue says now: this replica leads."""
        self._scheduler.remove_all_jobs()
        for service in self._ports.catalogue.services.values():
            if service.watch:
                self._scheduler.add_job(partial(self.look, service.name), self._trigger(service.watch), id=service.name)
        self._scheduler.resume()

    def pause(self) -> None:
        self._scheduler.pause()

    @property
    def looking(self) -> bool:
        return bool(self._scheduler.state == STATE_RUNNING)

    def stop(self) -> None:
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def look(self, name: str) -> None:
        """Handed to a worker: a slow registry holds up no other one."""
        self._submit(partial(self._look, name))

    def _trigger(self, watch: Watch) -> IntervalTrigger | CronTrigger:
        if watch.cron:
            return CronTrigger.from_crontab(watch.cron, timezone=self._ports.catalogue.time_zone)
        seconds = self._ports.clock.real((watch.every or DEFAULT_EVERY).total_seconds())
        return IntervalTrigger(seconds=max(1, round(seconds)), jitter=max(1, round(seconds / 10)))

    def _look(self, name: str) -> None:
        service = self._ports.service(name)
        if service.watch is None:
            return
        for repository in dict.fromkeys(service.repositories.values()):
            try:
                self._check(service, service.watch, repository)
            except QuarterdeckError as error:
                log.warning("looking at %s: %s", repository, error.sentence)

    def _check(self, service: Service, watch: Watch, repository: str) -> None:
        """At the first sight everything is known already: only what comes later is news."""
        ports = self._ports
        seen = ports.store.tags_seen(repository)
        names = [tag for tag in ports.registry.tags(repository) if wanted(tag, watch)]
        moves = watch.policy == "digest"
        fresh = names if moves else [tag for tag in names if seen and tag not in seen]
        images = ports.registry.describe(repository, fresh) if fresh else []
        ports.store.save_tags(repository, {**{tag: seen.get(tag, "") for tag in names}, **_digests(images)})
        news = [image for image in images if seen and seen.get(image.tag or "") != image.digest]
        if not news:
            return
        running = self._running(service, watch)
        found = newest([*news, *([running] if running else [])], watch, running)
        if found in news:
            self._found(service, watch, TagFound(service.name, found))

    def _running(self, service: Service, watch: Watch) -> Image | None:
        """Compared with what runs, not with what was seen last. Only asked when there is something new."""
        name = watch.auto or service.default_environment or next(iter(self._ports.catalogue.environments))
        environment = self._ports.catalogue.environment(name)
        try:
            workload = self._ports.workloads(service.name, environment)[0]
        except NotFound:
            return None
        runs = references.image(workload.containers[0].image)
        try:
            return self._ports.registry.image(repository_of(service, environment, workload), runs.digest or runs.label)
        except QuarterdeckError:
            return runs

    def _found(self, service: Service, watch: Watch, found: TagFound) -> None:
        self._tell(found)
        if not watch.auto:
            return
        text = f"deploy {service.name} {found.image.label} to {watch.auto}"
        identity, place = f"auto:{found.key}:{watch.auto}", beneath(self._ports, found.key)
        self._receive(Request(identity, BOT_ITSELF, place, text, self._ports.clock.now(), parent=found.key))


def _digests(images: list[Image]) -> dict[str, str]:
    return {image.tag: image.digest for image in images if image.tag and image.digest}
