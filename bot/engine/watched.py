"""Who watches which repository: worked out from the configuration that stands."""

from collections.abc import Callable

from bot.core import references
from bot.core.catalogue import Catalogue, Service


def watched(catalogue: Catalogue) -> dict[str, list[Service]]:
    """Who watches each repository, in its one spelling."""
    found: dict[str, list[Service]] = {}
    for service in catalogue.services.values():
        names = {references.canonical(name, catalogue.aliases) for name in service.repositories.values()}
        for name in names if service.watch else ():
            found.setdefault(name, []).append(service)
    return found


class Watchers:
    """`watched`, worked out once for each catalogue: for each look it would grow with the square."""

    def __init__(self, current: Callable[[], Catalogue]) -> None:
        self._current = current
        self._known = (current(), watched(current()))

    def __call__(self) -> dict[str, list[Service]]:
        catalogue, known = self._current(), self._known
        if known[0] is not catalogue:
            self._known = known = (catalogue, watched(catalogue))
        return known[1]
