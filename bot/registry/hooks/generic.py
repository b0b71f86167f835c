"""Every other registry, and build scripts. Whoever knows the secret may say: look. What the body names narrows it
down; one that cannot be read means all of that registry.
"""

from collections.abc import Mapping
from contextlib import suppress

from msgspec import Struct

from bot.core import verify
from bot.core.errors import Refused
from bot.core.secret import Secret
from bot.registry import Pushed


class Told(Struct, frozen=True):
    """`docker_url` is Quay's word for it."""

    repository: str | None = None
    docker_url: str | None = None


_read = verify.reader(Told)


def prove(headers: Mapping[str, str], body: bytes, secret: Secret) -> None:
    if verify.header(headers, verify.SIGNATURE):
        verify.require_hmac(headers, body, secret)
    else:
        verify.require_shared(headers, body, secret)


def read(_headers: Mapping[str, str], body: bytes, registry: str | None) -> list[Pushed]:
    with suppress(Refused):
        told = _read(body)
        named = told.docker_url or told.repository or ""
        return [Pushed(registry, named.removeprefix(f"{registry}/") or None)]
    return [Pushed(registry)]
