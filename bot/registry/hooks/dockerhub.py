"""Docker Hub signs nothing and sends no header of ours: its secret is in the address. `callback_url` stays unread."""

from collections.abc import Mapping

from msgspec import Struct

from bot.core import verify
from bot.registry import Pushed


class PushData(Struct, frozen=True):
    tag: str | None = None


class Repository(Struct, frozen=True):
    repo_name: str


class Told(Struct, frozen=True):
    repository: Repository
    push_data: PushData


_read = verify.reader(Told)


def read(_headers: Mapping[str, str], body: bytes, registry: str | None) -> list[Pushed]:
    told = _read(body)
    return [Pushed(registry, told.repository.repo_name)] if told.push_data.tag else []
