"""Brings each build, image and rollout to its release. Several replicas may write in one book."""

from bot.core.errors import Busy
from bot.core.release import MERGE, Joined, Part, commit_part, join
from bot.ports import Ports

ATTEMPTS = 50


class Releases:
    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    def join(self, service: str, part: Part, *, opens: bool = True) -> Joined | None:
        """None where it stands for itself: its service is not in the catalogue, or it says no revision."""
        if service not in self._ports.catalogue.services:
            return None
        joined = self._write(service, part, opens=opens)
        if joined is None or joined.release.keys(MERGE) or not joined.release.names.commit:
            return joined
        for commit in self._ports.store.commits(joined.release.names.commit):
            joined = self._write(service, commit_part(commit), opens=False) or joined
        return joined

    def _write(self, service: str, part: Part, *, opens: bool) -> Joined | None:
        store, now = self._ports.store, self._ports.clock.now()
        for _ in range(ATTEMPTS):
            edition, known = store.read_book(service, part.names.index() | {part.key})
            joined = join(known, service, part, now, opens=opens)
            if joined is None or joined.release in known:
                return joined
            if store.write_book(service, edition, [joined.release, *joined.gone]):
                return joined
        raise Busy(f"The releases of {service} are being written by too many at once.")
