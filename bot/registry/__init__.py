"""The Registry port: what images exist, and who tells of new ones."""

from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct

from bot.core.errors import NotFound
from bot.core.login import Login
from bot.core.workload import Image


class NoRepository(NotFound):
    """Certainly there is none: whoever asked would see it. To a stranger a private one looks the same, but is not."""


class Registry(Protocol):
    """One port for all registries; the repository's name tells which. Errors are those of `bot.core.errors`."""

    def tags(self, repository: str) -> list[str]:
        """Every tag, or an error: never half a list. NoRepository, or NotFound where that is not certain."""

    def image(self, repository: str, reference: str) -> Image:
        """The image under a tag or digest, with digest, revision, age and size. NotFound."""

    def describe(self, repository: str, tags: list[str]) -> list[Image]:
        """The images under these tags, in their order; tags that vanished or cannot be read are left out."""

    def beside(self, repository: str) -> list[str]:
        """All repositories of its registry, this one or not. NotFound or Unavailable where it does not tell."""

    def lent(self, logins: Mapping[str, Login]) -> "Registry":
        """The same, asked as these where no login is configured: by registry, for whoever holds what comes back."""

    def close(self) -> None: ...


class Pushed(Struct, frozen=True):
    """Somebody says that something new is there. Nothing of it is believed: it only means to look now.

    Without a repository, anything of that registry; without a registry, anything at all.
    """

    registry: str | None = None
    repository: str | None = None


class PushSource(Protocol):
    @property
    def name(self) -> str: ...

    def read(self, headers: Mapping[str, str], body: bytes) -> list[Pushed]:
        """Verify, then what was pushed. Unverified; an empty list for what does not concern us."""
