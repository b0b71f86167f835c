"""Image names, written one way before any two are compared.

`redis`, `docker.io/redis:latest` and `index.docker.io/library/redis` are one image to everybody but a string.
"""

import re
from collections.abc import Iterable, Mapping

from msgspec import Struct

from bot.core.errors import UsageError
from bot.core.words import clip
from bot.core.workload import SHORT, Image, short_digest

HUB = "docker.io"
_HUB_NAMES = frozenset({HUB, "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"})
_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:.]+\])(?::[0-9]{1,5})?")
_PATH = re.compile(r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_DIGEST = re.compile(r"(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})")
_SHORT_DIGEST = re.compile(r"sha(?:256|512):[0-9a-f]{6,128}")
SHORTEST_SHA = 6
_SHA = re.compile(r"[0-9a-f]{6,64}")
_LONGEST = 255
NO_ALIASES: Mapping[str, str] = {}


class Reference(Struct, frozen=True):
    """Nothing is left to be understood: the host is named, and so is `latest` where no digest says better."""

    host: str
    path: str
    tag: str | None = None
    digest: str | None = None

    @property
    def repository(self) -> str:
        return f"{self.host}/{self.path}"

    def __str__(self) -> str:
        return Image(repository=self.repository, tag=self.tag, digest=self.digest).reference


def parse(text: str) -> Reference:
    """UsageError for what no registry could hold."""
    repository, tag, digest = _cut(text)
    host, path = _place(repository)
    _insist(text, "its registry is not a host name", _HOST.fullmatch(host))
    _insist(text, "a repository is lower case letters, digits and . _ - /", _PATH.fullmatch(path))
    _insist(text, f"a repository has at most {_LONGEST} characters", len(path) <= _LONGEST)
    _insist(text, "a tag is letters, digits and . _ -", tag is None or is_tag(tag))
    _insist(text, "a digest is sha256: and 64 hexadecimal digits", digest is None or is_digest(digest))
    if tag is None and digest is None:
        tag = "latest"
    return Reference(host=host, path=path, tag=tag, digest=digest)


def host(name: str) -> str:
    """A registry's host and port in their one spelling. UsageError for what is no host."""
    return parse(f"{name}/any/image").host


def image(text: str) -> Image:
    """What a workload names, with the repository as it is written there. Never refuses: the cluster holds anything."""
    repository, tag, digest = _cut(text)
    return Image(repository=repository, tag=tag, digest=digest)


def label(text: str) -> str:
    """What people call the image that a workload names: its tag, else a short digest."""
    return image(text).label


def exact(image: Image) -> str:
    """What an order says that means this one, and not what its tag may have become since."""
    return f"{image.tag}@{short_digest(image.digest)}" if image.tag and image.digest else image.label


def short_commit(revision: str | None) -> str:
    """As much of it as people read."""
    return (revision or "")[:SHORT]


def commit(image: Image) -> str:
    """Its revision, short; nothing where the label says it already."""
    short = short_commit(image.revision)
    return "" if short in image.label else short


def newest_first(images: Iterable[Image]) -> list[Image]:
    """Those whose builder gave no time come last."""
    return sorted(images, key=lambda i: i.created.timestamp() if i.created else 0.0, reverse=True)


def same_repository(one: str, other: str, aliases: Mapping[str, str] = NO_ALIASES) -> bool:
    """Tags and digests aside. `aliases` maps a registry's other names (host and port) to the one it goes by."""
    return canonical(one, aliases) == canonical(other, aliases)


def is_tag(text: str) -> bool:
    return bool(_TAG.fullmatch(text))


def is_digest(text: str) -> bool:
    """A whole one: nothing less goes into an address."""
    return bool(_DIGEST.fullmatch(text))


def looks_like_digest(text: str) -> bool:
    """A whole digest, or enough of its beginning to find it by."""
    return bool(_SHORT_DIGEST.fullmatch(text.lower()))


def looks_like_sha(text: str) -> bool:
    return bool(_SHA.fullmatch(text.lower()))


def same_commit(one: str, other: str) -> bool:
    """Either may be the short form of the other; fewer characters than an order takes say nothing."""
    short, long = sorted((one, other), key=len)
    return len(short) >= SHORTEST_SHA and long.startswith(short)


def canonical(text: str, aliases: Mapping[str, str] = NO_ALIASES) -> str:
    """The repository in its one spelling; what cannot be one stays as it is."""
    try:
        reference = parse(text)
    except UsageError:
        return text
    host = aliases.get(reference.host, reference.host)
    return f"{HUB if host in _HUB_NAMES else host}/{reference.path}"


def _cut(text: str) -> tuple[str, str | None, str | None]:
    """Repository, tag and digest. A colon before the last slash belongs to a port."""
    rest, _, digest = text.partition("@")
    folder, slash, leaf = rest.rpartition("/")
    leaf, colon, tag = leaf.partition(":")
    return f"{folder}{slash}{leaf}", tag if colon else None, digest or None


def _place(repository: str) -> tuple[str, str]:
    first, slash, rest = repository.partition("/")
    if slash and (first == "localhost" or any(c in ".:[" for c in first) or first != first.lower()):
        host, path = first.lower(), rest
    else:
        host, path = HUB, repository
    host = HUB if host in _HUB_NAMES else host
    return host, f"library/{path}" if host == HUB and "/" not in path else path


def _insist(text: str, why: str, holds: object) -> None:
    if not holds:
        raise UsageError(f"{clip(text, 80)} is not an image name.", fact=f"{why[0].upper()}{why[1:]}.")
