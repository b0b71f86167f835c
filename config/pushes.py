"""The registries whose word of a push is taken in, and what each proves itself with."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from config.kinds import Password, Registry
from config.scalars import choice
from config.section import Section


class Pusher(StrEnum):
    DOCKER_HUB = "dockerhub"
    DISTRIBUTION = "distribution"
    HARBOR = "harbor"
    GHCR = "ghcr"
    GENERIC = "generic"


SPEAKS_FOR_ITSELF = (Pusher.DOCKER_HUB, Pusher.GHCR, Pusher.GENERIC)


class PushHook(Section):
    """A registry that tells of pushes at /hooks/registry/<name>. How to set up each is in docs/registries.md."""

    kind: Annotated[Pusher, choice(Pusher)] | None = Field(
        default=None, description="What kind of registry it is; none: what its name says.", examples=["distribution"]
    )
    secret: Password = Field(
        description="What it proves itself with: in the hook's address, its Authorization header or a signature.",
        examples=["${REGISTRY_HOOK_SECRET}"],
    )
    registry: Registry | None = Field(
        default=None,
        description="Whose repositories it tells of; needed for distribution and harbor.",
        examples=["myregistry:5000"],
    )

    def pusher(self, name: str) -> Pusher:
        return self.kind or Pusher(name)
