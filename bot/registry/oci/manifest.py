"""What a manifest says, once it is certain that it says it. Everything in it was written by whoever pushed it."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec
from msgspec import Struct

from bot.core.errors import Invalid, Unavailable
from bot.core.words import clip
from bot.registry.oci.message import Answer

_OCI, _DOCKER = "application/vnd.oci.image", "application/vnd.docker.distribution.manifest"
ACCEPTED = ", ".join(
    (f"{_OCI}.index.v1+json", f"{_DOCKER}.list.v2+json", f"{_OCI}.manifest.v1+json", f"{_DOCKER}.v2+json")
)
_CONFIGS = frozenset({f"{_OCI}.config.v1+json", "application/vnd.docker.container.image.v1+json"})
_LABEL = "org.opencontainers.image."
_FIRST_BUILD = datetime(2013, 1, 1, tzinfo=UTC)
_MOST_PLATFORMS = 50
_LONGEST = 200


class Platform(Struct):
    os: str = ""
    architecture: str = ""
    variant: str = ""

    def __str__(self) -> str:
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)

    @property
    def runs(self) -> bool:
        """Attestations stand in an index beside the images, for a platform that does not exist."""
        return bool(self.os) and self.os != "unknown"


class Descriptor(Struct, rename="camel"):
    digest: str
    media_type: str = ""
    size: int = 0
    platform: Platform | None = None


class Manifest(Struct, rename="camel"):
    """An image, or an index of images for several platforms."""

    schema_version: int
    config: Descriptor | None = None
    layers: list[Descriptor] = []
    manifests: list[Descriptor] | None = None
    annotations: dict[str, str] | None = None

    @property
    def children(self) -> list[Descriptor]:
        return [child for child in self.manifests or () if child.platform is None or child.platform.runs]

    @property
    def has_image_config(self) -> bool:
        """Charts, signatures and other artefacts have configs that say nothing about an image."""
        return self.config is not None and self.config.media_type in _CONFIGS

    @property
    def size(self) -> int:
        parts = [*self.layers, *([self.config] if self.config else [])]
        return sum(max(0, part.size) for part in parts)


class _Inner(Struct, rename="pascal"):
    labels: dict[str, str] | None = None


class Config(Struct):
    created: str | None = None
    os: str = ""
    architecture: str = ""
    variant: str = ""
    config: _Inner | None = None

    @property
    def labels(self) -> Mapping[str, str]:
        return (self.config.labels if self.config else None) or {}


class Facts(Struct, frozen=True):
    """What is true of a digest for ever."""

    revision: str | None = None
    version: str | None = None
    source: str | None = None
    created: datetime | None = None
    size: int | None = None
    platforms: tuple[str, ...] = ()


def verified(name: str, body: bytes, *promised: str) -> str:
    """The digest of `body`, which must be what was asked for and what the answer claims."""
    algorithm = next((d.partition(":")[0] for d in promised if d), "sha256")
    digest = f"{algorithm}:{hashlib.new(algorithm, body).hexdigest()}" if algorithm in ("sha256", "sha512") else ""
    if any(wanted not in ("", digest) for wanted in promised):
        raise Invalid(
            f"{name} answers with something else than it promised.",
            fact="The digest of what came is not the one of what was asked for.",
        )
    return digest


def read_manifest(name: str, answer: Answer) -> Manifest:
    try:
        manifest = msgspec.json.decode(answer.body, type=Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise _unreadable(name, answer, "manifest") from None
    if manifest.schema_version != 2:
        raise Invalid(f"{name} holds this image in a form that nobody can run any more.", fact="Its schema is 1.")
    return manifest


def read_config(name: str, body: bytes) -> Config:
    try:
        return msgspec.json.decode(body, type=Config)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise Invalid(f"{name} holds an image whose configuration cannot be read.") from None


def best_child(manifest: Manifest) -> Descriptor | None:
    """The builds of an index differ in platform, not in revision: any tells, and the most common one first."""
    children = manifest.children
    common = [child for child in children if child.platform and str(child.platform) == "linux/amd64"]
    return next(iter([*common, *children]), None)


def facts(top: Manifest, image: Manifest, config: Config) -> Facts:
    """Labels first, then annotations. `top` is the index, or the image itself."""
    said = {**(top.annotations or {}), **(image.annotations or {}), **config.labels}
    listed = [str(child.platform) for child in top.children if child.platform]
    own = str(Platform(config.os, config.architecture, config.variant))
    platforms = listed or ([own] if own else [])
    return Facts(
        revision=_text(said.get(f"{_LABEL}revision")),
        version=_text(said.get(f"{_LABEL}version")),
        source=_text(said.get(f"{_LABEL}source")),
        created=_moment(config.created) or _moment(said.get(f"{_LABEL}created")),
        size=image.size if image.layers else None,
        platforms=tuple(clip(p, _LONGEST) for p in dict.fromkeys(platforms[:_MOST_PLATFORMS])),
    )


def _unreadable(name: str, answer: Answer, what: str) -> Invalid | Unavailable:
    """A page of HTML is somebody else's answer; JSON that is no manifest is what was pushed."""
    if "json" in answer.header("content-type"):
        return Invalid(f"{name} holds a {what} that cannot be read.")
    kind = clip(answer.header("content-type").partition(";")[0], 60)
    return Unavailable(f"{name} answers with something that is not a {what}.", fact=f"It says it is {kind!r}.")


def _text(value: str | None) -> str | None:
    """On one line, without what a terminal or a chat would obey."""
    clean = "".join(c for c in value or "" if c.isprintable()).strip()
    return clip(clean, _LONGEST) or None


def _moment(text: str | None) -> datetime | None:
    """Reproducible builds carry a date of long ago, which is worse than none."""
    try:
        moment = msgspec.convert(text, type=datetime)
    except msgspec.ValidationError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment if moment >= _FIRST_BUILD else None
