"""Text that others send, as it may be kept and shown."""

import re
from urllib.parse import urlsplit, urlunsplit

LINE = 200
ADDRESS = 1000
_ADDRESS = re.compile(r"https?://(?!.*[<>|\"'`\\^{}])[!-~]+")


def line(value: str | None, most: int = LINE) -> str:
    """One line without anything that cannot be seen."""
    if not value:
        return ""
    seen = "".join(c if c.isprintable() else " " for c in value[: most * 4])
    kept = " ".join(seen.split())
    return kept if len(kept) <= most else kept[: most - 1] + "…"


def address(value: str | None) -> str | None:
    """A page a person may open. Names and passwords in front of the host are left out."""
    if not value or len(value) > ADDRESS or not _ADDRESS.fullmatch(value):
        return None
    try:
        parts = urlsplit(value)
        host = parts.hostname
    except ValueError:
        return None
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])) if host else None
