"""Single values as other people write them → as we keep them: short, printable, in UTC, or not at all."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Annotated

from msgspec import Meta, Struct

from bot.core.errors import Refused
from bot.core.outside import address, line

__all__ = [
    "Count",
    "Tests",
    "address",
    "between",
    "branch_and_tag",
    "change",
    "line",
    "lines",
    "name",
    "of_milliseconds",
    "of_text",
    "revision",
    "seconds",
]

LISTED = 50
Count = Annotated[int, Meta(ge=0, lt=2**53)]


class Tests(Struct, frozen=True):
    passed: Count | None = None
    failed: Count | None = None
    skipped: Count | None = None
    failed_tests: list[str] | None = None


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_YEARS = range(1990, 2200)
_LONGEST = 10 * 365 * 86400.0
_REVISION = re.compile(r"[0-9a-f]{7,64}", re.ASCII)
_REFS = ("refs/heads/", "refs/remotes/origin/", "remotes/origin/", "origin/")
_TAGS = ("refs/tags/", "tags/")


def lines(values: Iterable[str] | None, most: int = LISTED) -> tuple[str, ...]:
    kept = (line(value) for value in list(values or ())[:most])
    return tuple(value for value in kept if value)


def change(message: str | None, author: str) -> tuple[str, ...]:
    """A commit as a list of changes shows it: its first line, and who wrote it."""
    subject = line((message or "").strip().partition("\n")[0])
    return (f"{subject} [{author}]" if author else subject,) if subject else ()


def name(value: str | None) -> str:
    """What a build is known by: there is none without it."""
    found = line(value)
    if not found:
        raise Refused("The build hook sent what is not a build.", fact="It names no job.")
    return found


def revision(value: str | None) -> str | None:
    found = (value or "").strip().lower()
    return found if _REVISION.fullmatch(found) and found.strip("0") else None


def branch_and_tag(ref: str | None) -> tuple[str | None, str | None]:
    """`origin/main` → main; a tag stands in both."""
    ref = line(ref)
    for prefix in _TAGS:
        if ref.startswith(prefix):
            tag = ref.removeprefix(prefix) or None
            return tag, tag
    for prefix in _REFS:
        ref = ref.removeprefix(prefix)
    return (None, None) if ref in ("", "HEAD", "detached") else (ref, None)


def of_milliseconds(value: float | None) -> datetime | None:
    try:
        return _believable(_EPOCH + timedelta(milliseconds=value)) if value is not None else None
    except (OverflowError, ValueError):
        return None


def of_text(value: str | None) -> datetime | None:
    """ISO 8601, and `2016-08-12 15:26:29 UTC` as GitLab writes it. Without a zone it is UTC."""
    text = (value or "").strip()[:40].replace(" UTC", "+00:00")
    try:
        found = datetime.fromisoformat(text)
        return _believable(found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC))
    except (OverflowError, ValueError):
        return None


def seconds(value: float | None) -> float | None:
    return float(value) if value is not None and 0 <= value <= _LONGEST else None


def between(start: datetime | None, end: datetime | None) -> float | None:
    return seconds((end - start).total_seconds()) if start and end else None


def _believable(at: datetime) -> datetime | None:
    return at if at.year in _YEARS else None
