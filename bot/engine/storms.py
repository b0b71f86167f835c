"""Which rollouts are told by themselves and which together. The follower's thread only, and only where it leads.

What nobody ordered here is gathered for a moment, since nobody waits for it. The store knows what belongs together,
so a restart goes on with the same message; what was still being gathered is gathered anew when it moves.
"""

from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from msgspec.structs import replace

from bot.core.events import Rollout, RolloutChanged
from bot.core.model import Message, Place, Spot
from bot.core.quiet import Quiet
from bot.core.storm import ALONE, BAD, Storm, settled, storm_notice
from bot.engine.outbox import Outbox
from bot.ports import Ports

MANY = 10
"""One application brings a handful of services, and each reads better by itself; ten in a minute nobody reads."""
WINDOW = timedelta(minutes=1)
GATHER = timedelta(seconds=3)
"""kubectl goes through a namespace at five to fifty a second, so ten of a storm are together by then."""
DRAW_EVERY = timedelta(seconds=5)
"""Twelve edits a minute: Slack's tier for them grants fifty, and the other messages need some."""


class Storms:
    """`tell` tells of a rollout that was gathered and stayed alone; from then on it waits for nothing."""

    def __init__(
        self,
        ports: Ports,
        outbox: Outbox,
        tell: Callable[[Rollout], None],
        heard: Callable[[RolloutChanged], Mapping[Place, Quiet]],
    ) -> None:
        self._ports = ports
        self._outbox = outbox
        self._tell = tell
        self._heard = heard
        self._leading = False
        self._begun: dict[Spot, deque[datetime]] = {}
        self._waiting: dict[Spot, dict[str, datetime | None]] = {}
        self._open: dict[Spot, tuple[Storm, datetime]] = {}
        self._due: dict[str, tuple[Storm, datetime]] = {}

    def take_over(self) -> None:
        """Whatever ended while nobody looked shows in the first drawing."""
        now = self._ports.clock.now()
        self._leading = True
        for storm in self._ports.store.open_storms():
            self._open[storm.place.spot] = storm, now
            self._due[storm.key] = storm, now

    def let_go(self) -> None:
        self._leading = False
        for held in (self._begun, self._waiting, self._open, self._due):
            held.clear()

    def alone(self, key: str, rollout: Rollout, places: Mapping[Place, Quiet]) -> dict[Place, Quiet]:
        """In which of these places it is told by itself now, under `key`."""
        if not self._leading or (rollout.order and not rollout.mends):
            return dict(places)
        stands = {message.place.spot for message in self._ports.store.messages(key)}
        storms = {storm.place.spot: storm for storm in self._ports.store.storms_of(rollout.mends or rollout.key)}
        for storm in storms.values():
            self._moved(storm)
        return {
            place: quiet
            for place, quiet in places.items()
            if place.spot in stands or self._is_alone(rollout, place, storms.get(place.spot))
        }

    def tick(self) -> None:
        now = self._ports.clock.now()
        for waiting in list(self._waiting.values()):
            for key in [key for key, due in waiting.items() if due and due <= now]:
                waiting[key] = None
                found = self._ports.store.rollout(key)
                if found:
                    self._tell(found)
        for storm, due in list(self._due.values()):
            if due <= now:
                self._due[storm.key] = storm, now + DRAW_EVERY
                self._draw(storm, now)

    def next_due(self) -> datetime | None:
        waiting = (due for there in self._waiting.values() for due in there.values() if due)
        return min([*waiting, *(due for _, due in self._due.values())], default=None)

    def _is_alone(self, rollout: Rollout, place: Place, storm: Storm | None) -> bool:
        if storm:
            return rollout.phase in BAD and self._may_fail_aloud(storm)
        if rollout.order:
            return True
        waiting = self._waiting.setdefault(place.spot, {})
        if rollout.phase in BAD or rollout.phase.final or waiting.get(rollout.key, rollout.started) is None:
            waiting.pop(rollout.key, None)
            return True
        if rollout.key not in waiting:
            self._arrives(rollout, place)
        return False

    def _arrives(self, rollout: Rollout, place: Place) -> None:
        spot, now = place.spot, self._ports.clock.now()
        begun = self._begun.setdefault(spot, deque(maxlen=MANY))
        begun.append(now)
        storm, joined = self._open.get(spot, (None, now))
        if storm and now - joined <= WINDOW:
            self._join(storm, [rollout.key])
        elif len(begun) == MANY and now - begun[0] <= WINDOW:
            storm = Storm(f"storm:{place.platform}:{place.channel}:{now.isoformat()}", place, now)
            self._join(storm, [*self._waiting.pop(spot, {}), rollout.key])
        else:
            self._waiting.setdefault(spot, {})[rollout.key] = now + GATHER

    def _join(self, storm: Storm, keys: list[str]) -> None:
        self._ports.store.save_storm(storm, keys)
        self._open[storm.place.spot] = storm, self._ports.clock.now()
        self._moved(storm, GATHER)

    def _moved(self, storm: Storm, within: timedelta = DRAW_EVERY) -> None:
        if not storm.over:
            self._due.setdefault(storm.key, (storm, self._ports.clock.now() + within))

    def _may_fail_aloud(self, storm: Storm) -> bool:
        return sum(r.phase in BAD for r in self._ports.store.rollouts_in(storm.key)) <= ALONE

    def _draw(self, storm: Storm, now: datetime) -> None:
        rollouts = self._ports.store.rollouts_in(storm.key)
        fresh = not self._ports.store.messages(storm.key)
        over = settled(rollouts)
        reply = storm_notice(rollouts, storm.began, now)
        self._outbox.put(
            Message(storm.key, storm.place, reply, final=over, quiet=self._quiet(storm, rollouts)), fresh=fresh
        )
        self._due.pop(storm.key)
        if over:
            self._ports.store.save_storm(replace(storm, over=True))
            self._open.pop(storm.place.spot, None)
            self._begun.pop(storm.place.spot, None)

    def _quiet(self, storm: Storm, rollouts: list[Rollout]) -> Quiet | None:
        """A storm is kept while all that is told in it would be."""
        heard = [quiet for r in rollouts if (quiet := self._heard(RolloutChanged(r)).get(storm.place))]
        return Quiet(min(quiet.until for quiet in heard)) if heard else None
