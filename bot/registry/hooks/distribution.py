"""Distribution's notifications are lists of events. Tagged manifests concern us; layers, pulls and deletions do not."""

from collections.abc import Mapping

from msgspec import Struct

from bot.core import verify
from bot.registry import Pushed


class Target(Struct, frozen=True, rename="camel"):
    media_type: str | None = None
    repository: str | None = None
    tag: str | None = None

    @property
    def is_image(self) -> bool:
        kind = self.media_type or ""
        return bool(self.tag) and ("manifest" in kind or "index" in kind)


class Event(Struct, frozen=True):
    action: str
    target: Target = Target()


class Told(Struct, frozen=True):
    events: list[Event]


_read = verify.reader(Told)


def read(_headers: Mapping[str, str], body: bytes, registry: str | None) -> list[Pushed]:
    targets = [event.target for event in _read(body).events if event.action == "push"]
    named = dict.fromkeys(target.repository for target in targets if target.is_image)
    return [Pushed(registry, repository) for repository in named if repository]
