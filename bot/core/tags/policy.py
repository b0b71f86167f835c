"""Which images a watch means, and which of two is newer. What cannot be compared is not newer."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any

from msgspec import Struct

from bot.core.catalogue import Sort, Watch
from bot.core.errors import UsageError
from bot.core.tags.semver import read_range, version
from bot.core.workload import Image

NEVER_IMAGES = ("*.sig", "*.att", "*.sbom", "sha256-*", "sha512-*")
LATEST = "latest"
Key = tuple[Any, ...]
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_DIGITS = re.compile(r"([0-9]+)")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_SHA_PART = re.compile(r"(?:^|[-_.])[vg]?([0-9a-f]{6,64})(?=$|[-_.])")


class Policy(Struct, frozen=True):
    """`meant`: does the watch want this image at all. `key`: its place among others; None where it has none."""

    meant: Callable[[Image], bool]
    key: Callable[[Image], Key | None]


def read_policy(watch: Watch) -> Policy:
    """UsageError for a watch that cannot be followed: for whoever writes the settings."""
    read = _POLICIES.get(watch.policy)
    if read is None:
        raise UsageError(f"There is no tag policy {watch.policy}.", hint=f"Policies: {', '.join(_POLICIES)}.")
    policy = read(watch)
    return Policy(meant=lambda image: not is_excluded(image, watch.exclude) and policy.meant(image), key=policy.key)


def is_excluded(image: Image, exclude: Sequence[str] = ()) -> bool:
    """Signatures and attestations bear tags, but nobody can run them."""
    return any(fnmatchcase(image.tag or "", pattern) for pattern in (*NEVER_IMAGES, *exclude))


def shas(tag: str) -> list[str]:
    """The commits a tag may name: `3f2a91c`, `v3f2a91c`, `main-3f2a91c`, `1.4-2-g3f2a91c`."""
    return _SHA_PART.findall(tag.lower())


def _semver(watch: Watch) -> Policy:
    wanted = read_range(watch.argument or "*")

    def meant(image: Image) -> bool:
        found = version(image.tag or "")
        return found is not None and found in wanted

    return Policy(meant=meant, key=_version_key)


def _version_key(image: Image) -> Key | None:
    found = version(image.tag or "")
    return found.key if found else None


def _glob(watch: Watch) -> Policy:
    def meant(image: Image) -> bool:
        return image.tag is not None and fnmatchcase(image.tag, watch.argument or "*")

    return Policy(meant=meant, key=lambda image: natural(image.tag or "") if meant(image) else None)


def natural(tag: str) -> Key:
    """`rel.0.10` after `rel.0.9`: text and numbers take turns, so that like is compared with like."""
    return tuple(int(part) if i % 2 else part for i, part in enumerate(_DIGITS.split(tag)))


def _regex(watch: Watch) -> Policy:
    pattern = _compiled(watch)
    group = watch.by or next(iter(pattern.groupindex), 0)
    read = _SORTS[watch.sort]

    def key(image: Image) -> Key | None:
        found = pattern.search(image.tag or "")
        return read(found[group] or "") if found else None

    return Policy(meant=lambda image: key(image) is not None, key=key)


def _compiled(watch: Watch) -> re.Pattern[str]:
    try:
        pattern = re.compile(watch.argument)
    except re.error as error:
        raise UsageError(f"{watch.argument} is not a regular expression: {error}.") from error
    if watch.by and watch.by not in pattern.groupindex:
        raise UsageError(f"{watch.argument} has no group named {watch.by}.", hint=f"(?P<{watch.by}>…)")
    return pattern


def _numeric(text: str) -> Key | None:
    return (Decimal(text),) if _NUMBER.fullmatch(text) else None


def _alphabetical(text: str) -> Key | None:
    return (text,) if text else None


def _semantic(text: str) -> Key | None:
    found = version(text)
    return found.key if found else None


def _sha(_: Watch) -> Policy:
    """Commits have no order of their own: the time of the build gives it."""
    return Policy(meant=lambda image: bool(shas(image.tag or "")) and image.created is not None, key=_built)


def _built(image: Image) -> Key | None:
    return (image.created,) if image.created else None


def _digest(watch: Watch) -> Policy:
    """One tag that moves: whatever it points at is the newest."""
    moving = watch.argument or LATEST
    return Policy(
        meant=lambda image: image.tag == moving and image.digest is not None,
        key=lambda image: (image.created or _LONG_AGO,),
    )


_SORTS: dict[Sort, Callable[[str], Key | None]] = {
    Sort.NUMERIC: _numeric,
    Sort.ALPHABETICAL: _alphabetical,
    Sort.SEMVER: _semantic,
}
_POLICIES: dict[str, Callable[[Watch], Policy]] = {
    "semver": _semver,
    "glob": _glob,
    "regex": _regex,
    "sha": _sha,
    "digest": _digest,
}
