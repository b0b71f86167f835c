"""Harbor, in its own format and in CloudEvents. Scans, pulls, quotas and replications are of no concern."""

from collections.abc import Mapping

from msgspec import Struct

from bot.core import verify
from bot.registry import Pushed

PUSHES = ("PUSH_ARTIFACT", "pushImage", "harbor.artifact.pushed")


class Resource(Struct, frozen=True):
    tag: str | None = None


class Repository(Struct, frozen=True):
    repo_full_name: str | None = None


class Data(Struct, frozen=True):
    repository: Repository
    resources: list[Resource] = []


class Told(Struct, frozen=True):
    type: str
    event_data: Data | None = None
    data: Data | None = None


_read = verify.reader(Told)


def read(_headers: Mapping[str, str], body: bytes, registry: str | None) -> list[Pushed]:
    told = _read(body)
    data = told.event_data or told.data
    if told.type not in PUSHES or data is None or not any(resource.tag for resource in data.resources):
        return []
    path = data.repository.repo_full_name
    return [Pushed(registry, path)] if path else []
