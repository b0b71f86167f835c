"""The Registry port: what images exist."""

from typing import Protocol

from bot.core.workload import Image


class Registry(Protocol):
    """One port for all registries; the repository's name tells which. Errors are those of `bot.core.errors`."""

    def tags(self, repository: str) -> list[str]:
        """Every tag, or an error: never half a list."""

    def image(self, repository: str, reference: str) -> Image:
        """The image under a tag or digest, with digest, revision, age and size. NotFound."""

    def describe(self, repository: str, tags: list[str]) -> list[Image]:
        """The images under these tags, in their order; tags that vanished or cannot be read are left out."""

    def close(self) -> None: ...
