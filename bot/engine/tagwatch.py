"""What a look at a repository finds: an image that is newer than what runs is told, and may be deployed by policy.

What was seen is in the store, so nothing is told twice and a restart misses nothing: it is written down after it was
told. A listing that failed decides nothing.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from msgspec.structs import replace

from bot.core import references
from bot.core.catalogue import Catalogue, Environment, Service, Watch
from bot.core.errors import NotFound, QuarterdeckError
from bot.core.events import TagFound
from bot.core.freezes import until
from bot.core.guards import Freeze
from bot.core.model import Request
from bot.core.tags import MOVES, newest, unclear, wanted
from bot.core.workload import Image
from bot.engine.announce import beneath
from bot.engine.remedy import BOT_ITSELF
from bot.engine.tried import why_not_again
from bot.engine.unread import Unread
from bot.engine.watched import Watchers
from bot.plans.changes import container_shown, registry_of, repository_of
from bot.ports import Ports
from bot.registry import NoRepository, Registry

log = logging.getLogger(__name__)
Tell = Callable[[TagFound], None]
Seen = dict[str, str]
LENT_FOR = timedelta(minutes=5)


class TagWatch:
    def __init__(
        self, ports: Ports, watchers: Watchers, unread: Unread, tell: Tell, receive: Callable[[Request], None]
    ) -> None:
        self._ports = ports
        self._watchers = watchers
        self._unread = unread
        self._lent: dict[str, tuple[datetime, Registry]] = {}
        self._tell = tell
        self._receive = receive

    def look(self, repository: str) -> None:
        watches = [(s, s.watch) for s in self._watchers().get(repository, ()) if s.watch]
        if not watches:
            return
        try:
            self._look(repository, watches)
        except NoRepository:
            self._none_yet(repository)
        except QuarterdeckError as error:
            log.warning("looking at %s: %s %s", repository, error.sentence, error.fact)

    def _look(self, repository: str, watches: list[tuple[Service, Watch]]) -> None:
        """At the first sight everything is known already: only what comes later is news."""
        store, registry = self._ports.store, self._registry(repository, watches[0][0])
        before = store.tags_seen(repository)
        seen = before or {}
        tags, fresh, images = self._listed(registry, repository, watches, before)
        for service, watch in watches if before is not None else ():
            self._judge(service, watch, [i for i in images if wanted(i.tag or "", watch) and _is_new(i, seen)], seen)
        unread = fresh - {image.tag for image in images} - seen.keys()
        after = {tag: seen.get(tag, "") for tag in tags if tag not in unread}
        after.update({image.tag: image.digest for image in images if image.tag and image.digest})
        if after != before:
            store.save_tags(repository, after)

    def _listed(
        self, registry: Registry, repository: str, watches: list[tuple[Service, Watch]], before: Seen | None
    ) -> tuple[list[str], set[str], list[Image]]:
        """Its tags, those that are to be looked at, and what they are."""
        try:
            tags = registry.tags(repository)
            fresh = {tag for _, watch in watches for tag in tags if _is_fresh(tag, watch, before)}
            images = registry.describe(repository, sorted(fresh)) if fresh else []
        except NoRepository:
            self._unread.read(repository)
            raise
        except QuarterdeckError as error:
            self._unread.failed(repository, error)
            raise
        self._unread.read(repository)
        return tags, fresh, images

    def _none_yet(self, repository: str) -> None:
        """Seen, and empty: its first image is news. One that was there before may come back as it was."""
        log.info("looking at %s: there is no such repository", repository)
        if self._ports.store.tags_seen(repository) is None:
            self._ports.store.save_tags(repository, {})

    def _registry(self, repository: str, service: Service) -> Registry:
        """Whose pull secrets are lent is found out once in minutes: no look asks the cluster."""
        if not any(environment.pull_secrets for environment in self._ports.catalogue.environments.values()):
            return self._ports.registry
        now = self._ports.clock.now()
        until, registry = self._lent.get(repository, (now, self._ports.registry))
        if now >= until:
            registry = registry_of(self._ports, service, repository)
            self._lent[repository] = (now + LENT_FOR, registry)
        return registry

    def _judge(self, service: Service, watch: Watch, news: list[Image], seen: Seen) -> None:
        if not news:
            return
        running = self._running(service, watch, seen)
        found = newest([*news, *([running] if running else [])], watch, running)
        if found in news:
            self._found(service, watch, found)
        elif doubtful := unclear(news, watch, running):
            why = _unclear(doubtful, running, watch, self._environment(service, watch))
            self._tell(TagFound(service.name, doubtful, why))

    def _environment(self, service: Service, watch: Watch) -> Environment:
        """Where what runs is compared with."""
        name = watch.auto or service.default_environment or next(iter(self._ports.catalogue.environments))
        return self._ports.catalogue.environment(name)

    def _running(self, service: Service, watch: Watch, seen: Seen) -> Image | None:
        """Compared with what runs, not with what was seen last. Only asked when there is something new.

        A tag that moves and was deployed without a digest runs what it was when it was seen last.
        """
        environment = self._environment(service, watch)
        try:
            workload = self._ports.workloads(service.name, environment)[0]
        except NotFound:
            return None
        runs = references.image(container_shown(self._ports, service, environment, workload).image)
        digest = runs.digest or (seen.get(runs.label) if watch.policy == MOVES else runs.label)
        try:
            home = repository_of(service, environment, workload)
            found = registry_of(self._ports, service, home).image(home, digest) if digest else runs
        except QuarterdeckError:
            return runs
        return replace(found, tag=runs.tag)

    def _found(self, service: Service, watch: Watch, image: Image) -> None:
        """What a freeze stops waits for its end, and then the newest goes alone."""
        held = why_not_again(self._ports, service, watch, image) if watch.auto else ""
        freeze = self._ports.closing(watch.auto) if watch.auto and not held else None
        found = TagFound(
            service.name, image, held or (_waits(freeze, watch.auto or "", self._ports.catalogue) if freeze else "")
        )
        if freeze:
            self._ports.store.put_off(found, watch.auto or "")
        self._tell(found)
        if watch.auto and not found.held:
            self._receive(self._order(found, watch.auto))

    def take_up(self, found: TagFound, environment: str) -> Request | None:
        """The order for what has waited, if it still is what the policy wants: somebody may have gone past it."""
        service = self._ports.service(found.service)
        watch = service.watch
        if watch is None or watch.auto != environment or why_not_again(self._ports, service, watch, found.image):
            return None
        running = self._running(service, watch, {})
        best = newest([found.image, *([running] if running else [])], watch, running)
        return self._order(found, environment) if best == found.image else None

    def _order(self, found: TagFound, environment: str) -> Request:
        text = f"deploy {found.service} {references.exact(found.image)} to {environment}"
        identity, place = f"auto:{found.key}:{environment}", beneath(self._ports, found.key)
        return Request(identity, BOT_ITSELF, place, text, self._ports.clock.now(), parent=found.key)


def _unclear(image: Image, running: Image | None, watch: Watch, environment: Environment) -> str:
    says = "Nobody" if image.created else "It bears no date of its build, and nobody"
    others = f"{running.label}, which runs in {environment.name}" if running else "the others"
    alone = f" It does not go to {watch.auto} by itself." if watch.auto else ""
    return f"{says} can tell whether it is newer than {others}.{alone}"


def _waits(freeze: Freeze, environment: str, catalogue: Catalogue) -> str:
    return f"It waits{until(freeze, catalogue.zone)} and then goes to {environment} by itself: {freeze.reason}."


def _is_fresh(tag: str, watch: Watch, before: Seen | None) -> bool:
    """A tag that moves is looked at each time."""
    return wanted(tag, watch) and (watch.policy == MOVES or (before is not None and tag not in before))


def _is_new(image: Image, seen: Seen) -> bool:
    return seen.get(image.tag or "") != image.digest
