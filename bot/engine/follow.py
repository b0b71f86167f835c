"""Follows every rollout to its real end, whoever started it: one thread for all of them.

Clusters only enqueue what they see; nothing is polled. What needs a call to a cluster is done by a
worker and comes back through the same mailbox.
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial
from threading import Thread
from typing import Protocol

from bot.cluster import Sight, Sighting
from bot.core.catalogue import Environment
from bot.core.errors import Busy, QuarterdeckError
from bot.core.workload import Phase, Pod, Workload
from bot.engine.incidents import TellIncident
from bot.engine.mailbox import Mailbox
from bot.engine.saving import Step, Surely
from bot.engine.shared import Tell
from bot.engine.subject import Subject
from bot.engine.tracker import Follows, Tracker
from bot.plans.evidence import Evidence, examine
from bot.ports import Ports
from bot.workers import Job

log = logging.getLogger(__name__)
LONGEST_NAP = 5.0
AFTER_TROUBLE = 1.0
MOST = 1_000


class Gathering(Protocol):
    """What holds back for a moment what the follower tells, on the same thread."""

    def take_over(self) -> None: ...

    def let_go(self) -> None: ...

    def tick(self) -> None: ...

    def next_due(self) -> datetime | None: ...


class Follower:
    def __init__(
        self,
        ports: Ports,
        tell: Tell,
        tell_incident: TellIncident,
        submit: Callable[[Job], None],
        follows: Follows,
        gathering: Gathering,
    ) -> None:
        self._ports = ports
        self._gathering = gathering
        self._submit = submit
        self._tracker = Tracker(ports, tell, tell_incident, self._ask, follows)
        self._mailbox = Mailbox()
        self._led: Surely[str] = Surely()
        self._ended: Surely[str] = Surely(MOST)
        self._watched: set[str] = set()
        self._stopping = False
        self._thread = Thread(target=self._run, name="follower", daemon=True)

    def start(self) -> None:
        self._thread.start()
        self.renew()

    def renew(self) -> None:
        """Follows the environments that the configuration has now. Of one that left it, nothing is taken in."""
        self._mailbox.put("configuration", self._tracker.renew)
        unwatched: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for environment in self._ports.catalogue.environments.values():
            if environment.name not in self._watched:
                unwatched[environment.cluster][environment.name] = environment.namespace
        for cluster, places in unwatched.items():
            self._ports.clusters[cluster].watch(places, self._notice)
            self._watched.update(places)

    def stop(self) -> None:
        self._stopping = True
        self._mailbox.close()
        self._thread.join(5)

    def phases(self) -> Counter[Phase]:
        """Of the rollouts that are followed now. Nothing is held up by it, so it may be a moment behind."""
        return Counter(rollout.phase for subject in self._tracker.under_way() for rollout in list(subject.open))

    def take_over(self) -> None:
        self._mailbox.put("leadership", partial(self._led, "leadership", self._take_over))

    def let_go(self) -> None:
        self._mailbox.put("leadership", partial(self._led, "leadership", self._let_go))

    def surely(self, name: str, step: Step) -> None:
        """Once the store answers: here somebody is there to try it again, on every replica."""
        self._mailbox.put(name, partial(self._ended, name, step))

    def mended(self, key: str, remedy: str) -> None:
        """What became of the failure policy's remedy for this rollout."""
        self.surely(f"{key}:mended", partial(self._tracker.shared.mended, key, remedy))

    def retell(self, order: str) -> None:
        """What it was to change is known better now."""
        self.surely(f"{order}:retold", partial(self._tracker.shared.retell, order))

    def _take_over(self) -> None:
        self._gathering.take_over()
        self._tracker.take_over()

    def _let_go(self) -> None:
        self._gathering.let_go()
        self._tracker.let_go()

    def _notice(self, sighting: Sighting) -> None:
        thing = sighting.thing
        name = thing.name if isinstance(thing, Pod) else thing.uid
        self._mailbox.put((type(thing), sighting.environment, name), partial(self._look, sighting))

    def _look(self, sighting: Sighting) -> None:
        environment = self._ports.catalogue.environments.get(sighting.environment)
        if environment is None:
            return
        gone = sighting.what is Sight.GONE
        if isinstance(sighting.thing, Pod):
            self._tracker.see_pod(environment, sighting.thing, gone=gone)
        elif gone:
            self._tracker.forget(sighting.thing)
        else:
            self._tracker.see_workload(environment, sighting.thing)

    def _run(self) -> None:
        """What failed is not tried again at once, however due it is."""
        calm = True
        while not self._stopping:
            nap = self._nap() if calm else self._ports.clock.real(AFTER_TROUBLE)
            looks = self._mailbox.take(nap)
            rounds = (self._led.again, self._ended.again, self._tracker.tick, self._gathering.tick)
            calm = False not in [_isolated(step) for step in (*looks, *rounds)]

    def _nap(self) -> float:
        now = self._ports.clock.now()
        moments = (
            self._led.next_due(now),
            self._ended.next_due(now),
            self._tracker.next_due(),
            self._gathering.next_due(),
        )
        dues = [due for due in moments if due]
        if not dues:
            return LONGEST_NAP
        left = (min(dues) - now).total_seconds()
        return min(LONGEST_NAP, max(0.01, self._ports.clock.real(left)))

    def _ask(self, subject: Subject) -> None:
        """A worker looks at the events and the logs; when all are busy, the next tick asks again."""
        pods = list(subject.pods.values())
        with suppress(Busy):
            self._submit(partial(self._examine, subject.environment, subject.workload, pods))

    def _examine(self, environment: Environment, workload: Workload, pods: list[Pod]) -> None:
        found = Evidence()
        try:
            found = examine(self._ports, environment, workload, pods)
        except QuarterdeckError as error:
            log.warning("examining %s: %s", workload.target.name, error.sentence)
        finally:
            self._mailbox.put(("examined", workload.uid), partial(self._tracker.take, workload.uid, found))


def _isolated(step: Job) -> bool:
    """One workload's oddity must not end the following of all others."""
    try:
        step()
    except QuarterdeckError as error:
        log.warning("following: %s", error.sentence)
    except Exception:
        log.exception("following")
    else:
        return True
    return False
