"""What happened becomes what is said: one live message per subject and place, edited until its verdict.

What is told twice, or once more after a crash, is said as it stands in the store: once.
"""

from collections.abc import Callable, Mapping, Sequence
from glob import escape

from bot.core.alerts import AlertGroup, alert_notice
from bot.core.digest import merged
from bot.core.events import (
    AlertRaised,
    Build,
    BuildChanged,
    BuildPhase,
    Commit,
    Committed,
    Event,
    Incident,
    IncidentChanged,
    Rollout,
    RolloutChanged,
    TagFound,
)
from bot.core.incident import incident_notice
from bot.core.live import cut_off, evidence, finished, goes_on, live, worst
from bot.core.model import BOT, Change, Place, Reply, Spot
from bot.core.news import build_notice, tag_found
from bot.core.provenance import maker
from bot.core.quiet import Quiet
from bot.core.references import short_commit
from bot.core.release import (
    BUILD,
    Joined,
    Release,
    build_part,
    commit_part,
    image_part,
    left_part,
    moves,
    rollout_part,
)
from bot.core.thread import build_led_on, builds_notice, builds_told
from bot.core.transitions import occasions, retold, transition
from bot.engine.outbox import Outbox
from bot.engine.releases import Releases
from bot.engine.storms import Storms
from bot.engine.threads import Threads
from bot.engine.wording import Wording
from bot.ports import Ports

KNOWN_BUILDS = 200

Routes = Callable[[Event], Mapping[Place, Quiet]]
Calls = Callable[[Event], Mapping[Place, tuple[str, ...]]]


def nobody(_event: Event) -> Mapping[Place, tuple[str, ...]]:
    return {}


def beneath(ports: Ports, key: str) -> Place:
    """The place of an order that the bot gives itself because of what stands under `key`."""
    stands = ports.store.messages(key)
    return Place(stands[0].place.platform, stands[0].place.channel) if stands else Place(BOT, "")


class Announcer:
    def __init__(self, ports: Ports, outbox: Outbox, routes: Routes, calls: Calls = nobody) -> None:
        self._ports = ports
        self._threads = Threads(ports, outbox)
        self._wording = Wording(ports)
        self._releases = Releases(ports)
        self._routes = routes
        self._calls = calls
        self.storms = Storms(ports, outbox, self.rollout, routes)

    def rollout(self, rollout: Rollout) -> None:
        """The order's own message tells of its rollouts; a place that has it gets no second one."""
        store = self._ports.store
        subject = rollout.story
        rollouts = store.rollouts_of(rollout.order) if rollout.order else [rollout]
        change = self._change(rollout)
        settle = self._ports.catalogue.environment(rollout.target.environment).settle.total_seconds()
        reply = live(rollouts, self._ports.clock.now(), settle)
        reply = cut_off(reply, change.cut) if change and change.cut else reply
        final = (change is None or len(rollouts) >= len(change.steps)) and finished(rollouts) and not goes_on(rollout)
        image = change.image if change else None
        joined = self._releases.join(rollout.service, rollout_part(rollout, image)) if moves(rollout) else None
        self._left(rollout)
        told = self._routes(RolloutChanged(rollout))
        places = self.storms.alone(subject, rollout, told)
        own = self._wording.of(RolloutChanged(worst(rollouts)), reply)
        self._threads.say(subject, reply, places, own=own, final=final, of=joined)
        self._threads.call(subject, reply, self._calls(RolloutChanged(rollout)), own=own)
        if shown := evidence(rollouts):
            self._threads.beneath(subject, shown, {} if rollout.order else told)
        if final and rollout.order:
            store.close_order(rollout.order, worst(rollouts).phase.value)

    def _left(self, rollout: Rollout) -> None:
        """Its parent shows where the release stands, so also that it does not stand there any more."""
        part = left_part(rollout) if moves(rollout) else None
        joined = self._releases.join(rollout.service, part, opens=False) if part else None
        if joined:
            self._threads.open(joined, {})

    def tag(self, found: TagFound) -> None:
        if self._ports.store.messages(found.key):
            return
        now = self._ports.clock.now()
        notice = tag_found(found, self._ports.catalogue, now, self._maker(found))
        joined = self._releases.join(found.service, image_part(found.key, found.image, now))
        self._threads.say(found.key, notice, self._routes(found), own=self._wording.of(found, notice), of=joined)

    def commit(self, commit: Commit) -> None:
        """It begins the release of the one service that is built from there; those of others it joins."""
        store, services = self._ports.store, self._ports.catalogue.services.values()
        store.save_commit(commit)
        built = [s.name for s in services if s.built_from(commit.repository)]
        begins = built if len(built) == 1 else []
        for service in dict.fromkeys([*begins, *store.services_of(short_commit(commit.revision))]):
            joined = self._releases.join(service, commit_part(commit), opens=service in begins)
            if joined:
                self._threads.open(joined, self._routes(Committed(commit, service)))

    def build(self, build: Build) -> None:
        """What it means after those before it; one that came late changes what the later ones mean."""
        known = self._ports.store.builds([escape(build.job)], limit=KNOWN_BUILDS)
        current = next((b for b in known if b.key == build.key), build)
        for each in [current, *retold(current, known)]:
            self._build(each, known)

    def incident(self, incident: Incident) -> None:
        notice = incident_notice(incident, self._ports.catalogue.zone)
        event = IncidentChanged(incident)
        own = self._wording.of(event, notice)
        self._threads.say(incident.key, notice, self._routes(event), own=own, final=incident.over)
        self._threads.call(incident.key, notice, self._calls(event), own=own, again=incident.times)

    def alerts(self, group: AlertGroup) -> None:
        """Final at once, since nobody knows when it ends: only what is final too says more."""
        notice = alert_notice(group, self._ports.catalogue)
        events = [AlertRaised(group, service) for service in group.services or [""]]
        own = {spot: said for event in reversed(events) for spot, said in self._wording.of(event, notice).items()}
        self._threads.say(group.key, notice, merged(*map(self._routes, events)), own=own)
        for event in events:
            self._threads.call(group.key, notice, self._calls(event), own=own, again=group.times)

    def _maker(self, found: TagFound) -> Build | None:
        jobs = self._ports.service(found.service).builds
        return maker(found.image, self._ports.store.builds(jobs, limit=KNOWN_BUILDS)) if jobs else None

    def _build(self, build: Build, known: Sequence[Build]) -> None:
        """Under the release of each service that its job builds; where there is none, as a message of its own."""
        services = [s.name for s in self._ports.catalogue.services.values() if s.built_by(build.job)]
        turned = transition(build, known)
        notice = build_notice(build, turned)
        alone: dict[Place, Quiet] = {}
        into: Release | None = None
        own: dict[Spot, Reply] = {}
        called: list[tuple[str, Mapping[Place, tuple[str, ...]]]] = []
        for service in services or [""]:
            event = BuildChanged(build, service, occasions(turned))
            places, under = self._routes(event), build.key
            own = self._wording.of(event, notice) | own
            joined = self._releases.join(service, build_part(build))
            if joined:
                under = self._builds(joined, build, known, places)
                into = joined.release if build.revision else into
            else:
                alone = merged(alone, places)
            called.append((under, self._calls(event)))
        if into and not alone:
            self._threads.say(build.key, build_led_on(build, into), {})
        else:
            self._threads.say(build.key, notice, alone, own=own, final=build.phase is BuildPhase.FINISHED)
        for under, whom in called:
            self._threads.call(build.key, notice, whom, under=under, own=own)

    def _builds(self, joined: Joined, build: Build, known: Sequence[Build], places: Mapping[Place, Quiet]) -> str:
        """The key of those of one commit, told in one message; one that names no commit keeps its own."""
        release = joined.release
        keys = release.keys(BUILD) if build.revision else frozenset({build.key})
        if not keys <= {build.key for build in known}:
            jobs = sorted({part.of.partition("/")[2] for part in release.parts if part.stage == BUILD})
            known = self._ports.store.builds([escape(job) for job in jobs], limit=KNOWN_BUILDS)
        same = [b for b in known if b.key in keys and bool(b.revision) == bool(build.revision)]
        builds = same or [build]
        final = all(b.phase is BuildPhase.FINISHED for b in builds)
        key = f"{BUILD}:{release.service}:{short_commit(build.revision)}" if build.revision else build.key
        if build.revision:
            self._threads.take_over(build.key, joined)
        told = builds_told(release.service, builds, known)
        own = self._wording.together(release, told)
        self._threads.say(key, builds_notice(release, told), places, own=own, final=final, of=joined)
        return key

    def _change(self, rollout: Rollout) -> Change | None:
        stored = self._ports.store.order(rollout.order) if rollout.order else None
        return stored[1] if stored else None
