"""GitHub's registry: its `package` and `registry_package` events, signed as everything of GitHub is.

An image for several platforms comes as several versions, most of them without a tag: those are its parts.
"""

from collections.abc import Mapping

from msgspec import Struct

from bot.core import verify
from bot.registry import Pushed

HOST = "ghcr.io"
EVENT = "x-github-event"
EVENTS = ("package", "registry_package")


class Tag(Struct, frozen=True):
    name: str | None = None


class ContainerMetadata(Struct, frozen=True):
    tag: Tag | None = None


class Version(Struct, frozen=True):
    container_metadata: ContainerMetadata | None = None

    @property
    def is_tagged(self) -> bool:
        metadata = self.container_metadata
        return bool(metadata and metadata.tag and metadata.tag.name)


class Package(Struct, frozen=True):
    name: str
    namespace: str
    package_version: Version | None = None


class Told(Struct, frozen=True):
    package: Package | None = None
    registry_package: Package | None = None


_read = verify.reader(Told)


def read(headers: Mapping[str, str], body: bytes, registry: str | None) -> list[Pushed]:
    if verify.header(headers, EVENT) not in EVENTS:
        return []
    form = verify.header(headers, "content-type").startswith("application/x-www-form-urlencoded")
    told = _read(verify.form_field(body, b"payload") if form else body)
    package = told.package or told.registry_package
    if package is None or package.package_version is None or not package.package_version.is_tagged:
        return []
    return [Pushed(registry, f"{package.namespace}/{package.name}".lower())]
