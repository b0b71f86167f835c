"""Registries that tell of a push: a word to look now instead of at the next turn. One file for each that has a
language of its own, and its row in `KINDS`; `generic.py` is for all others.
"""

from collections.abc import Callable, Mapping

from msgspec import Struct

from bot.core import verify
from bot.core.references import HUB
from bot.core.secret import Secret
from bot.registry import Pushed
from bot.registry.hooks import distribution, dockerhub, generic, ghcr, harbor

Headers = Mapping[str, str]


class Kind(Struct, frozen=True):
    """How it proves who it is, what it says, and which registry it can only be."""

    prove: Callable[[Headers, bytes, Secret], None]
    read: Callable[[Headers, bytes, str | None], list[Pushed]]
    registry: str | None = None


KINDS: Mapping[str, Kind] = {
    "dockerhub": Kind(verify.require_shared, dockerhub.read, HUB),
    "distribution": Kind(verify.require_shared, distribution.read),
    "harbor": Kind(verify.require_shared, harbor.read),
    "ghcr": Kind(verify.require_hmac, ghcr.read, ghcr.HOST),
    "generic": Kind(generic.prove, generic.read),
}


class Hook:
    """`registry`: as whom we know it. What a payload calls it may be its name inside a net of its own."""

    def __init__(self, name: str, kind: str, secret: Secret, registry: str | None = None) -> None:
        self._name = name
        self._kind = KINDS[kind]
        self._secret = secret
        self._registry = registry or self._kind.registry

    @property
    def name(self) -> str:
        return self._name

    def read(self, headers: Headers, body: bytes) -> list[Pushed]:
        verify.bounded(body)
        self._kind.prove(headers, body, self._secret)
        return self._kind.read(headers, body, self._registry)
