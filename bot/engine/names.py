"""The configuration with the channels of its roles as the chats call them.

Who may do what is decided while a chat waits, so it is asked before, and what it does not know grants nothing.
"""

import logging
from collections.abc import Callable, Iterable, Mapping

from msgspec.structs import replace

from bot.chat import Named, Platform
from bot.core.catalogue import Catalogue, Role, is_name
from bot.every import Every

log = logging.getLogger(__name__)
EVERY = 60.0


class Names:
    """`start` once and `stop` once. What is shared is frozen, and another takes its place as a whole."""

    def __init__(self, current: Callable[[], Catalogue], platforms: Iterable[Platform]) -> None:
        self._current = current
        self._platforms = [platform for platform in platforms if isinstance(platform, Named)]
        self._known: Mapping[str, str] = {}
        self._made: tuple[Catalogue, Mapping[str, str], Catalogue] | None = None
        self._rounds = Every("names", EVERY, self.learn)

    def __call__(self) -> Catalogue:
        written, known, made = self._current(), self._known, self._made
        if made is None or made[0] is not written or made[1] is not known:
            made = self._made = (written, known, _called(written, known))
        return made[2]

    def start(self) -> None:
        """The chats may be away, and nobody waits for them."""
        if self._platforms:
            self._rounds.start()
            self._rounds.nudge()

    def stop(self) -> None:
        self._rounds.stop()

    def renew(self) -> None:
        self._rounds.nudge()

    def learn(self) -> None:
        """Each name anew: a channel may have been renamed, and another may bear its name now."""
        names = dict.fromkeys(name for role in self._current().roles for name in role.channels if is_name(name))
        found = {name: called for name in names for called in self._ask(name)}
        if found != self._known:
            log.info("channels that roles name: %s", found)
            self._known = found

    def _ask(self, name: str) -> list[str]:
        """At most one; what comes back as a name is not known."""
        answers = (platform.channel(name) for platform in self._platforms)
        return [called for called in answers if not is_name(called)][:1]


def _called(catalogue: Catalogue, known: Mapping[str, str]) -> Catalogue:
    if not known:
        return catalogue
    return replace(catalogue, roles=tuple(_role(role, known) for role in catalogue.roles))


def _role(role: Role, known: Mapping[str, str]) -> Role:
    return replace(role, called={name: known[name] for name in role.channels if name in known})
