"""One thread per release and channel: the parent first, edited as things happen, and everything else under it."""

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from bot.core.events import Committed
from bot.core.model import Message, Place, Reply, Spot
from bot.core.quiet import LOUD, Quiet
from bot.core.references import short_commit
from bot.core.release import MERGE, Joined, Release
from bot.core.routes import HERE
from bot.core.thread import at_rest, commit_notice, led_on, parent, telling
from bot.engine.outbox import Outbox
from bot.engine.wording import Wording
from bot.ports import Ports

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
        places: Mapping[Place, Quiet],
        *,
        own: Mapping[Spot, Reply] = USUAL,
        final: bool = True,
        of: Joined | None = None,
    ) -> None:
        """Edited where it stands, wherever that is; elsewhere under the parent of the release that it is `of`.

        Where it is quiet, what does not stand yet is kept. `own` is what is said instead where a route has words of
        its own.
        """
        stands, quiet = self._stands(key), _quiet(places)
        new = {spot: place for spot, place in _spots(places).items() if spot not in stands}
        if of:
            self.open(of, {place: quiet[spot] for spot, place in new.items()})
        for spot, place in (stands | new).items():
            under = of.release.key if of and spot in new else None
            message = Message(key, place, own.get(spot, reply), final=final, parent=under, quiet=quiet.get(spot))
            self._outbox.put(message, fresh=not stands)

    def take_over(self, key: str, joined: Joined) -> None:
        """What was said before it was known of which release it is becomes the parent, where there is none."""
        for place in self._stands(key).values():
            self._ports.store.hand_over(key, joined.release.key, place)

    def beneath(self, key: str, reply: Reply, places: Mapping[Place, Quiet]) -> None:
        """In the thread of what is said under `key`, wherever that is; what is kept in `places` is kept with it."""
        name = f"{key}:evidence"
        stands = self._stands(name)
        kept = {spot: replace(quiet, subject=None) for spot, quiet in _quiet(places).items()}
        for spot, place in (self._stands(key) | stands).items():
            message = Message(name, place, reply, parent=key, quiet=kept.get(spot, LOUD))
            self._outbox.put(message, fresh=not stands)

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
            title = own.get(place.spot, reply).title
            said = Reply(title=title, tone=reply.tone, mentions=mentions)
            if above is None or place.spot in self._stands(above):
                self._once(Message(f"call:{again}:{key}", place, said, parent=above))

    def _once(self, message: Message) -> None:
        if message.place.spot not in self._stands(message.key):
            self._outbox.put(message, fresh=True)

    def open(self, joined: Joined, places: Mapping[Place, Quiet]) -> None:
        """A parent stands wherever something is to stand under it, and is said anew wherever it stands."""
        release, catalogue = joined.release, self._ports.catalogue
        stood = self._ports.store.messages(release.key)
        final = at_rest(release, catalogue) or any(message.final for message in stood)
        stands = _spots(message.place for message in stood)
        for spot, place in (_spots(places) | stands).items():
            quiet = None if spot in stands else replace(_quiet(places)[spot], subject=None)
            message = Message(release.key, place, parent(release, catalogue), final=final, quiet=quiet)
            self._outbox.put(message, fresh=not stands)
        self._tell_merge(release, _quiet(places))
        for gone in joined.gone:
            self.say(gone.key, led_on(gone, release), {})

    def _tell_merge(self, release: Release, quiet: Mapping[Spot, Quiet]) -> None:
        """First under the parent where it is known first; later it comes where it comes."""
        if not release.keys(MERGE):
            return
        commits = self._ports.store.commits(release.names.commit)
        key = f"{MERGE}:{release.service}:{short_commit(release.names.commit)}"
        stands, parents = self._stands(key), self._stands(release.key)
        commit = max(commits, key=telling)
        reply = commit_notice(commit)
        own = self._wording.of(Committed(commit, release.service), reply)
        about = {spot: replace(q, subject=f"{MERGE}:{release.service}") for spot, q in quiet.items()}
        for spot, place in (parents | stands).items():
            said = own.get(spot, reply)
            message = Message(key, place, said, parent=release.key, quiet=about.get(spot))
            self._outbox.put(message, fresh=not stands)

    def _stands(self, key: str) -> dict[Spot, Place]:
        return _spots(message.place for message in self._ports.store.messages(key))


def _spots(places: Iterable[Place]) -> dict[Spot, Place]:
    """Each channel once, as it was named first."""
    found: dict[Spot, Place] = {}
    for place in places:
        found.setdefault(place.spot, place)
    return found


def _quiet(places: Mapping[Place, Quiet]) -> dict[Spot, Quiet]:
    return {spot: places[place] for spot, place in _spots(places).items()}
