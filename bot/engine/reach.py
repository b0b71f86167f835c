"""Which channels of the configuration the bot cannot speak in: told when it starts, and when somebody asks.

What is announced there would be lost without a word, so it is told before the first announcement.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from msgspec import Struct

from bot.chat import Named, Platform
from bot.core.catalogue import Catalogue, is_name
from bot.core.errors import QuarterdeckError
from bot.core.model import Place, Reply, Table, Tone
from bot.core.words import count

T = TypeVar("T")
log = logging.getLogger(__name__)
ADMIN = "news of the bot itself"


class Unheard(Struct, frozen=True):
    """`why` says what to type against it; `services`, or what routes take, would be announced there."""

    platform: str
    channel: str
    services: tuple[str, ...]
    why: str


def unheard(platforms: Sequence[Platform], catalogue: Catalogue) -> Iterator[Unheard]:
    for platform in platforms:
        channels = _channels(catalogue, platform.name)
        if isinstance(platform, Named):
            _add_places_of_roles(channels, catalogue)
        for channel, services in channels.items():
            why = _why(platform, channel)
            if why:
                yield Unheard(platform.name, channel, tuple(services), why)


def warn(platforms: Sequence[Platform], catalogue: Catalogue) -> None:
    for found in unheard(platforms, catalogue):
        where = f"{found.platform} channel {found.channel} of {', '.join(found.services)}"
        log.warning("nothing can be said in %s: %s", where, found.why)


def told(found: Sequence[Unheard]) -> Reply:
    if not found:
        return Reply(title="The bot can speak in every channel of the configuration.", tone=Tone.GOOD)
    rows = tuple((f"{u.platform} {u.channel}", ", ".join(u.services), u.why) for u in found)
    return Reply(
        title=f"The bot cannot speak in {count(len(found), 'channel')} of the configuration",
        tone=Tone.BAD,
        table=Table(("channel", "services", "why"), rows),
        code="unheard",
    )


def place(platform: Platform, channel: str) -> Place:
    """As the platform itself calls the channel that the configuration means."""
    return Place(platform.name, platform.channel(channel) if isinstance(platform, Named) else channel)


def placed(found: Mapping[Place, T], platforms: Mapping[str, Platform]) -> dict[Place, T]:
    return {place(platforms[there.platform], there.channel): told for there, told in found.items()}


def _channels(catalogue: Catalogue, platform: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for service in catalogue.services.values():
        if channel := service.channels.get(platform):
            found.setdefault(channel, []).append(service.name)
    if channel := catalogue.admin.get(platform):
        found.setdefault(channel, []).append(ADMIN)
    for number, route in enumerate(catalogue.routes):
        for channel in route.to.get(platform, ()):
            found.setdefault(channel, []).append(f"routes[{number}]")
    return found


def _add_places_of_roles(found: dict[str, list[str]], catalogue: Catalogue) -> None:
    """Where the bot does not hear anybody no role counts. An id does not say of which chat it is."""
    for role in catalogue.roles:
        for channel in filter(is_name, role.channels):
            found.setdefault(channel, []).append(f"role {role.name}")


def _why(platform: Platform, channel: str) -> str:
    try:
        return platform.writable(place(platform, channel)) or ""
    except QuarterdeckError as error:
        return " ".join(part for part in (error.sentence, error.fact) if part)
