"""One thread per release and channel: the parent first, edited as things happen, and everything else under it."""

from collections.abc import Iterable, Mapping

from bot.core.events import Committed
from bot.core.model import Message, Place, Reply
from bot.core.release import MERGE, SHORT, Joined, Release
from bot.core.routes import HERE
from bot.core.thread import at_rest, commit_notice, led_on, parent, telling
from bot.engine.outbox import Outbox
from bot.engine.wording import Wording
from bot.ports import Ports

Spot = tuple[str, str]
USUAL: Mapping[Spot, Reply] = {}


class Threads:
    def __init__(self, ports: Ports, outbox: Outbox) -> None:
        self._ports = ports
        self._outbox = outbox
        self._wording = Wording(ports)

    def say(
        self,
        key: str,
        reply: Reply,
        places: Iterable[Place],
        *,
        own: Mapping[Spot, Reply] = USUAL,
        final: bool = True,
        of: Joined | None = None,
    ) -> None:
        """Edited where it stands, wherever that is; elsewhere under the parent of the release that it is `of`.

        `own` is what is said instead where a route has words of its own.
        """
        stands = self._stands(key)
        new = {spot: place for spot, place in _spots(places).items() if spot not in stands}
        if of:
            self.open(of, new.values())
        for spot, place in (stands | new).items():
            under = of.release.key if of and spot in new else None
            said = own.get(spot, reply)
            self._outbox.put(Message(key, place, said, final=final, parent=under), fresh=not stands)

    def take_over(self, key: str, joined: Joined) -> None:
        """What was said before it was known of which release it is becomes the parent, where there is none."""
        for place in self._stands(key).values():
            self._ports.store.hand_over(key, joined.release.key, place)

    def beneath(self, key: str, reply: Reply) -> None:
        """In the thread of what is said under `key`, wherever that is."""
        name = f"{key}:evidence"
        stands = self._stands(name)
        for place in (self._stands(key) | stands).values():
            self._outbox.put(Message(name, place, reply, parent=key), fresh=not stands)

    def call(
        self,
        key: str,
        reply: Reply,
        whom: Mapping[Place, tuple[str, ...]],
        *,
        own: Mapping[Spot, Reply] = USUAL,
        under: str = "",
        again: int = 1,
    ) -> None:
        """A message of its own, since nobody is told of an edit: once for each trouble, however often that is told.

        In the thread of what it is about, told `under` its own key or another, where that stands; `@here` is heard
        in the channel alone.
        """
        for place, mentions in whom.items():
            above = None if HERE in mentions else under or key
            title = own.get(_spot(place), reply).title
            said = Reply(title=title, tone=reply.tone, mentions=mentions)
            if above is None or _spot(place) in self._stands(above):
                self._once(Message(f"call:{again}:{key}", place, said, parent=above))

    def _once(self, message: Message) -> None:
        if _spot(message.place) not in self._stands(message.key):
            self._outbox.put(message, fresh=True)

    def open(self, joined: Joined, places: Iterable[Place]) -> None:
        """A parent stands wherever something is to stand under it, and is said anew wherever it stands."""
        release, catalogue = joined.release, self._ports.catalogue
        stood = self._ports.store.messages(release.key)
        final = at_rest(release, catalogue) or any(message.final for message in stood)
        stands = _spots(message.place for message in stood)
        for place in (stands | {s: p for s, p in _spots(places).items() if s not in stands}).values():
            self._outbox.put(Message(release.key, place, parent(release, catalogue), final=final), fresh=not stands)
        self._tell_merge(release)
        for gone in joined.gone:
            self.say(gone.key, led_on(gone, release), ())

    def _tell_merge(self, release: Release) -> None:
        """First under the parent where it is known first; later it comes where it comes."""
        if not release.keys(MERGE):
            return
        commits = self._ports.store.commits(release.names.commit)
        key = f"{MERGE}:{release.service}:{release.names.commit[:SHORT]}"
        stands, parents = self._stands(key), self._stands(release.key)
        commit = max(commits, key=telling)
        reply = commit_notice(commit)
        own = self._wording.of(Committed(commit, release.service), reply)
        for spot, place in (parents | stands).items():
            self._outbox.put(Message(key, place, own.get(spot, reply), parent=release.key), fresh=not stands)

    def _stands(self, key: str) -> dict[Spot, Place]:
        return _spots(message.place for message in self._ports.store.messages(key))


def _spots(places: Iterable[Place]) -> dict[Spot, Place]:
    """Each channel once, as it was named first."""
    found: dict[Spot, Place] = {}
    for place in places:
        found.setdefault(_spot(place), place)
    return found


def _spot(place: Place) -> Spot:
    return place.platform, place.channel
