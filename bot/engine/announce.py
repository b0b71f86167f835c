"""What happened becomes what is said: one live message per subject and place, edited until its verdict."""

from collections.abc import Callable, Iterable
from glob import escape

from bot.core.alerts import AlertGroup, alert_notice
from bot.core.events import (
    AlertRaised,
    Build,
    BuildChanged,
    BuildPhase,
    Event,
    Incident,
    IncidentChanged,
    Rollout,
    RolloutChanged,
    TagFound,
)
from bot.core.incident import incident_notice
from bot.core.live import finished, live, worst
from bot.core.model import BOT, Message, Place, Reply
from bot.core.news import build_notice, tag_found
from bot.core.provenance import maker
from bot.core.transitions import retold, transition
from bot.engine.outbox import Outbox
from bot.ports import Ports

KNOWN_BUILDS = 200

Routes = Callable[[Event], Iterable[Place]]


def beneath(ports: Ports, key: str) -> Place:
    """The place of an order that the bot gives itself because of what stands under `key`."""
    stands = ports.store.messages(key)
    return Place(stands[0].place.platform, stands[0].place.channel) if stands else Place(BOT, "")


class Announcer:
    def __init__(self, ports: Ports, outbox: Outbox, routes: Routes) -> None:
        self._ports = ports
        self._outbox = outbox
        self._routes = routes

    def rollout(self, rollout: Rollout) -> None:
        """The order's own message tells of its rollouts; a place that has it gets no second one."""
        subject = rollout.order or rollout.key
        rollouts = self._ports.store.rollouts_of(rollout.order) if rollout.order else [rollout]
        settle = self._ports.catalogue.environment(rollout.target.environment).settle.total_seconds()
        reply = live(rollouts, self._ports.clock.now(), settle)
        final = self._complete(rollout, rollouts) and finished(rollouts)
        self._say(subject, reply, self._routes(RolloutChanged(rollout)), final=final)
        if final and rollout.order:
            self._ports.store.close_order(rollout.order, worst(rollouts).phase.value)

    def tag(self, found: TagFound) -> None:
        now = self._ports.clock.now()
        if self._ports.store.announce_once(found.key, now):
            notice = tag_found(found, self._ports.catalogue, now, self._maker(found))
            self._say(found.key, notice, self._routes(found))

    def build(self, changed: BuildChanged) -> None:
        """What it means after those before it; one that came late changes what the later ones mean."""
        known = self._ports.store.builds([escape(changed.build.job)], limit=KNOWN_BUILDS)
        for build in [changed.build, *retold(changed.build, known)]:
            notice = build_notice(build, transition(build, known))
            self._say(build.key, notice, self._routes(BuildChanged(build)), final=build.phase is BuildPhase.FINISHED)

    def incident(self, incident: Incident) -> None:
        notice = incident_notice(incident, self._ports.catalogue.zone)
        self._say(incident.key, notice, self._routes(IncidentChanged(incident)), final=incident.over)

    def alerts(self, group: AlertGroup) -> None:
        """Final at once, since nobody knows when it ends: only what is final too says more."""
        notice = alert_notice(group, self._ports.catalogue)
        events = [AlertRaised(group, service) for service in group.services or [""]]
        self._say(group.key, notice, [place for event in events for place in self._routes(event)])

    def _maker(self, found: TagFound) -> Build | None:
        jobs = self._ports.service(found.service).builds
        return maker(found.image, self._ports.store.builds(jobs, limit=KNOWN_BUILDS)) if jobs else None

    def _complete(self, rollout: Rollout, rollouts: list[Rollout]) -> bool:
        """An order on several workloads is not over while one of them was not even seen."""
        stored = self._ports.store.order(rollout.order) if rollout.order else None
        change = stored[1] if stored else None
        return change is None or len(rollouts) >= len(change.steps)

    def _stands(self, key: str) -> list[Place]:
        return [m.place for m in self._ports.store.messages(key)]

    def _say(self, key: str, reply: Reply, places: Iterable[Place], *, final: bool = True) -> None:
        stands = self._stands(key)
        done: set[tuple[str, str]] = set()
        for place in [*stands, *places]:
            if (place.platform, place.channel) not in done:
                done.add((place.platform, place.channel))
                self._outbox.put(Message(key, place, reply, final=final), fresh=not stands)
