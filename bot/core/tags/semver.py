"""Semantic versions and ranges of them, as tags carry them: `1.14.2`, `v1.14`, `2.0.0-rc.1`.

Two or three parts, no leading zeros: `20241101` and `2024.01.05` are dates, and no range may take them for versions.
A range names its pre-releases or gets none, and an upper bound keeps those of the version it ends before out.
"""

import re

from msgspec import Struct

from bot.core.errors import UsageError

_NUMBER = r"(?:0|[1-9][0-9]{0,8})"
_VERSION = re.compile(rf"v?({_NUMBER})\.({_NUMBER})(?:\.({_NUMBER}))?(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?")
_PART = rf"(?:{_NUMBER}|[xX*])"
_TERM = re.compile(
    rf"(\^|~|>=|<=|>|<|=)?\s*v?({_PART})(?:\.({_PART}))?(?:\.({_PART}))?(?:-([0-9A-Za-z.-]+))?(?:[\s,]+|$)"
)
_LEAST = "0"


class Version(Struct, frozen=True):
    """Its `key` is ordered as semver.org says: a pre-release before its release, numbers before words."""

    numbers: tuple[int, int, int]
    pre: str = ""

    @property
    def key(self) -> tuple[tuple[int, int, int], int, tuple[tuple[int, int, str], ...]]:
        parts = self.pre.split(".") if self.pre else []
        return (
            self.numbers,
            0 if self.pre else 1,
            tuple((0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts),
        )


class Bound(Struct, frozen=True):
    """At least, or with `below` less than, this version."""

    version: Version
    below: bool = False

    def holds(self, version: Version) -> bool:
        return version.key < self.version.key if self.below else version.key >= self.version.key


class Range(Struct, frozen=True):
    """Alternatives, each of bounds that must all hold."""

    alternatives: tuple[tuple[Bound, ...], ...]
    pre_releases: tuple[bool, ...]

    def __contains__(self, version: Version) -> bool:
        return any(
            (named or not version.pre) and all(bound.holds(version) for bound in bounds)
            for bounds, named in zip(self.alternatives, self.pre_releases, strict=True)
        )


def version(text: str) -> Version | None:
    """None for what is no version."""
    found = _VERSION.fullmatch(text)
    if found is None:
        return None
    return Version(numbers=(int(found[1]), int(found[2]), int(found[3] or 0)), pre=found[4] or "")


def read_range(text: str) -> Range:
    """`^1.2`, `~1.4`, `>=1 <2`, `1.x`, `1.2.3`, alternatives with `||`. UsageError for anything else."""
    alternatives, named = [], []
    for alternative in text.split("||"):
        bounds, pre = _alternative(alternative.strip(), text)
        alternatives.append(bounds)
        named.append(pre)
    return Range(alternatives=tuple(alternatives), pre_releases=tuple(named))


def _alternative(text: str, whole: str) -> tuple[tuple[Bound, ...], bool]:
    bounds: list[Bound] = []
    pre, position = False, 0
    while position < len(text) or not position:
        found = _TERM.match(text, position)
        if found is None:
            raise UsageError(f"{whole} is not a range of versions.", hint="^1.2, ~1.4, >=1 <2, 1.x or 1.2.3")
        bounds += _bounds(found)
        pre = pre or bool(found[5])
        position = found.end()
    return tuple(bounds), pre


def _bounds(found: re.Match[str]) -> list[Bound]:
    given = [int(part) for part in _upto_wildcard(found)]
    numbers = (*given, 0, 0, 0)[:3]
    least = Version(numbers=(numbers[0], numbers[1], numbers[2]), pre=found[5] or "")
    operator = found[1] or "="
    if operator == ">=":
        return [Bound(least)]
    if operator == "<":
        return [Bound(_before(least), below=True)]
    exact = operator not in "^~" and bool(least.pre)
    after = _following(least) if exact else _next(given, _kept(operator, given))
    if operator == ">":
        return [Bound(after)]
    upper = [Bound(_before(after), below=True)] if after.numbers != (0, 0, 0) or found[5] else []
    return upper if operator == "<=" else [Bound(least), *upper]


def _upto_wildcard(found: re.Match[str]) -> list[str]:
    parts: list[str] = []
    for part in (found[2], found[3], found[4]):
        if part is None or part in "xX*":
            break
        parts.append(part)
    return parts


def _kept(operator: str, given: list[int]) -> int:
    """How many numbers must stay as they are: what is left of the one that may grow."""
    if operator == "^":
        return next((i + 1 for i, number in enumerate(given) if number), len(given))
    if operator == "~":
        return min(2, len(given))
    return len(given)


def _next(given: list[int], kept: int) -> Version:
    """The first version beyond those that begin with the kept numbers."""
    grown = [*given[: kept - 1], given[kept - 1] + 1] if kept else []
    numbers = (*grown, 0, 0, 0)[:3]
    return Version(numbers=(numbers[0], numbers[1], numbers[2]))


def _following(version: Version) -> Version:
    """The very next one after a pre-release."""
    return Version(numbers=version.numbers, pre=f"{version.pre}.{_LEAST}")


def _before(version: Version) -> Version:
    return version if version.pre else Version(numbers=version.numbers, pre=_LEAST)
