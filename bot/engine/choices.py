"""What forms offer, kept in memory: it is read while a chat waits for its acknowledgement, and renewed beside that.

Images are looked at when somebody asks for them, and before that only where the registry is watched anyway. Of what is
known nothing is asked twice: a look costs one list, and a question for each new tag.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from threading import Lock

from bot.core import references
from bot.core.decision import Decision
from bot.core.errors import Busy, QuarterdeckError
from bot.core.model import Place, Who
from bot.core.rights import Asked, right
from bot.core.workload import Image
from bot.every import Every
from bot.plans.changes import repository_of
from bot.plans.finding import worth_a_look
from bot.ports import Ports, hidden
from bot.workers import Job

log = logging.getLogger(__name__)
EVERY = timedelta(minutes=5)
FRESH = timedelta(seconds=10)
OFFERED = 100
VERB = "deploy"


class KnownChoices:
    """One lock guards what is known; nothing is asked of anybody while it is held."""

    def __init__(self, ports: Ports, submit: Callable[[Job], None]) -> None:
        self._ports = ports
        self._submit = submit
        self._lock = Lock()
        self._found: dict[str, tuple[str, ...]] = {}
        self._unseen: dict[str, str] = {}
        self._images: dict[str, dict[str, Image]] = {}
        self._looked: dict[str, datetime] = {}
        self._rounds = Every("choices", ports.clock.real(EVERY.total_seconds()), self._round)

    def start(self) -> None:
        """The first look is taken at once."""
        self._rounds.nudge()
        self._rounds.start()

    def stop(self) -> None:
        self._rounds.stop()

    def services(self, who: Who, place: Place) -> Sequence[str]:
        environments = self._ports.catalogue.environments
        names = dict.fromkeys([*self._ports.catalogue.services, *self._names()])
        return [name for name in names if any(self._may(who, place, name, e) for e in environments)]

    def environments(self, who: Who, place: Place) -> Sequence[str]:
        services = self.services(who, place)
        return [e for e in self._ports.catalogue.environments if any(self._may(who, place, s, e) for s in services)]

    def unseen(self, who: Who, place: Place) -> Sequence[str]:
        may = self.environments(who, place)
        with self._lock:
            return [said for environment, said in self._unseen.items() if environment in may]

    def versions(self, service: str) -> Sequence[Image]:
        """What is known now; that somebody asks has it looked at anew."""
        self._want(service)
        with self._lock:
            known = list(self._images.get(service, {}).values())
        return references.newest_first(known)[:OFFERED]

    def objection(self, who: Who, place: Place, service: str, environment: str) -> str:
        if environment not in self._ports.catalogue.environments:
            return f"There is no environment {environment} any more."
        decision = self._right(who, place, service, environment)
        return "" if decision.allowed else " ".join(decision.reason.split("\n"))

    def _may(self, who: Who, place: Place, service: str, environment: str) -> bool:
        return self._right(who, place, service, environment).allowed

    def _right(self, who: Who, place: Place, service: str, environment: str) -> Decision:
        return right(Asked(who, place, VERB, service=service, environment=environment), self._ports.catalogue)

    def _round(self) -> None:
        self._survey()
        for service in list(self._ports.catalogue.services.values()):
            if service.watch:
                self._want(service.name)

    def _survey(self) -> None:
        """Which services there are, those too that the catalogue does not name. A cluster that is away has what it
        had when it was last seen.
        """
        with self._lock:
            before = self._found
        found: dict[str, tuple[str, ...]] = {}
        unseen: dict[str, str] = {}
        for environment in list(self._ports.catalogue.environments.values()):
            name = environment.name
            try:
                found[name] = tuple(self._ports.service_names(environment))
            except QuarterdeckError as error:
                log.info("services of %s are not known: %s", name, error.sentence)
                if name in before:
                    found[name] = before[name]
                else:
                    unseen[name] = hidden(name, error)
        with self._lock:
            self._found, self._unseen = found, unseen

    def _names(self) -> list[str]:
        with self._lock:
            return [name for names in self._found.values() for name in names]

    def _want(self, service: str) -> None:
        now = self._ports.clock.now()
        known = service in self._names() or service in self._ports.catalogue.services
        with self._lock:
            looked = self._looked.get(service)
            if not known or (looked is not None and now - looked < FRESH):
                return
            self._looked[service] = now
        try:
            self._submit(partial(self._look, service))
        except Busy:
            log.info("images of %s are looked at later: orders come first", service)

    def _look(self, service: str) -> None:
        try:
            found = [
                image for repository in self._repositories(service) for image in self._images_of(service, repository)
            ]
        except QuarterdeckError as error:
            log.info("images of %s are not known: %s", service, error.sentence)
            return
        with self._lock:
            self._images[service] = {image.reference: image for image in found}

    def _repositories(self, service: str) -> list[str]:
        known = self._ports.service(service)
        if known.repositories:
            return list(dict.fromkeys(known.repositories.values()))
        running, _ = self._ports.everywhere(service, None)
        return list(dict.fromkeys(repository_of(known, environment, workload) for environment, workload in running))

    def _images_of(self, service: str, repository: str) -> list[Image]:
        """The last where they are too many to be looked at: versions, numbers and dates have an order."""
        tags = worth_a_look(self._ports.registry.tags(repository))
        with self._lock:
            known = {i.tag: i for i in self._images.get(service, {}).values() if i.repository == repository}
        fresh = self._ports.registry.describe(repository, [tag for tag in tags if tag not in known])
        return [*(known[tag] for tag in tags if tag in known), *fresh]
