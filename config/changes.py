"""What another configuration changes, in the words of its own keys."""

from collections.abc import Iterator

from msgspec import Struct

from config.settings import Settings

RESTART = ("store", "web", "clusters", "registries", "builds", "alerts", "pushes")
TOKENS = ("slack", "webex")


class Changes(Struct, frozen=True):
    """`now` is in force at once; `later` waits for a restart."""

    now: tuple[str, ...] = ()
    later: tuple[str, ...] = ()


def changes(started: Settings, before: Settings, after: Settings) -> Changes:
    """What a process is made of is compared with what it was started with: taken back, it waits for nothing."""
    return Changes(now=tuple(_now(before, after)), later=tuple(_later(started, after)))


def moved(known: dict[str, tuple[str, str]], after: Settings) -> Iterator[str]:
    """The environments that are not where this process follows them: orders would go where nobody looks."""
    return (name for name, place in places(after).items() if known.get(name, place) != place)


def places(settings: Settings) -> dict[str, tuple[str, str]]:
    return {name: (found.cluster, found.namespace) for name, found in settings.environments.items()}


def _now(before: Settings, after: Settings) -> Iterator[str]:
    for name in Settings.model_fields:
        old, new = getattr(before, name), getattr(after, name)
        if name not in (*RESTART, "chat") and (old != new or _keys(old) != _keys(new)):
            yield _spelled(name, old, new)
    if before.chat.admin != after.chat.admin:
        yield "chat.admin"


def _later(started: Settings, after: Settings) -> Iterator[str]:
    for name in RESTART:
        old, new = getattr(started, name), getattr(after, name)
        if old != new:
            yield _spelled(name, old, new)
    for name in TOKENS:
        if getattr(started.chat, name) != getattr(after.chat, name):
            yield f"chat.{name}"


def _keys(section: object) -> list[str]:
    """In their order: that of the environments is the order of promotion."""
    return list(section) if isinstance(section, dict) else []


def _spelled(name: str, old: object, new: object) -> str:
    """`roles: releasers changed, guests added`, or the name alone; never a value, which may be a secret."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return name
    words = [
        *(f"{key} added" for key in new if key not in old),
        *(f"{key} removed" for key in old if key not in new),
        *(f"{key} changed" for key in new if key in old and old[key] != new[key]),
    ]
    return f"{name}: {', '.join(words)}" if words else f"the order of {name}"
