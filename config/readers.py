"""How the kinds of values that need more than a pattern are read. Each returns the value or raises Wrong."""

from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from bot.core.catalogue import ANY
from bot.core.nearest import nearest
from bot.core.rights import VERBS
from bot.core.secret import Secret
from config import grammar
from config.scalars import Context, Wrong, text, unknown


def flag(value: object, _: Context) -> bool:
    found = {"true": True, "false": False}.get(value.lower()) if isinstance(value, str) else value
    if not isinstance(found, bool):
        raise Wrong
    return found


def secret(value: object, _: Context) -> Secret:
    return Secret(text(value))


def store(value: object, _: Context) -> Secret:
    url = text(value)
    path = url.removeprefix("sqlite:///")
    if not (path and path != url) and not url.startswith("postgresql+psycopg://"):
        raise Wrong
    return Secret(url)


def verb(value: str) -> str | None:
    if value in VERBS or value == ANY:
        return value
    close = nearest(value[:64], VERBS)
    raise Wrong(f"a verb; did you mean {close[0]}?" if close else f"a verb: {', '.join(sorted(VERBS))}")


def time_zone(value: str) -> str | None:
    try:
        return ZoneInfo(value).key
    except (LookupError, ValueError, OSError):
        close = nearest(value[:64], available_timezones())
    raise Wrong(f"a time zone; did you mean {close[0]}?" if close else "")


def person(value: str) -> bool:
    platform, colon, person = value.partition(":")
    name, at_sign, domain = value.partition("@")
    mail = bool(name and at_sign and "." in domain and "@" not in domain and ":" not in value)
    by_id = bool(colon and person) and platform in ("slack", "webex", "console")
    return value == ANY or ((mail or by_id) and not any(c.isspace() for c in value))


def group(value: object, context: Context) -> str:
    """A team is defined in this file; the groups of a chat are known to the chat only."""
    written = text(value)
    platform, colon, name = written.partition(":")
    if not colon or not name or any(c.isspace() for c in name) or platform not in ("slack", "webex", "team"):
        raise Wrong
    teams = context.known.get("teams")
    if platform == "team" and teams is not None and name not in teams:
        raise unknown("the name of a team", name, teams)
    return written


def mentioned(value: object, context: Context) -> str:
    """A team of this file, everybody in the channel, or one person or group that a chat knows."""
    written = text(value)
    if written == "@here":
        return written
    if written.startswith("@"):
        teams = context.known.get("teams")
        if teams is not None and written[1:] not in teams:
            raise unknown("the name of a team", written[1:], teams)
        return written
    if written == ANY or written.startswith("console:") or not person(written):
        raise Wrong
    return written


def host(value: str) -> bool:
    try:
        return bool(ip_address(value))
    except ValueError:
        return bool(grammar.HOST.fullmatch(value))


def url(value: str) -> bool:
    try:
        parts = urlsplit(value)
        return (
            parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc and parts.port != 0
        )
    except ValueError:
        return False


def file(value: object, context: Context) -> Path:
    path = context.folder / text(value)
    try:
        if path.is_file():
            return path
    except (OSError, ValueError):
        raise Wrong from None
    raise Wrong


def template(value: object, context: Context) -> Path:
    """Inside the file's own folder, also after links are followed."""
    path = file(value, context)
    if ".." in Path(text(value)).parts or not path.resolve().is_relative_to(context.folder.resolve()):
        raise Wrong("a file inside the folder of this configuration")
    return path


def or_empty(value: object) -> object:
    """A name with nothing after it, `mongo:`, is there with its defaults."""
    return {} if value is None else value


def or_one(value: object) -> object:
    """`slack: C1` for a list of one."""
    return (value,) if isinstance(value, str) else or_none(value)


def or_none(value: object) -> object:
    return () if value is None else value
