"""A believable past for every service: images with short SHAs, who built them, and how they behave."""

from datetime import datetime, timedelta
from hashlib import sha256

from msgspec import Struct

from bot.cluster.memory.behaviour import Behaviour, Trouble
from bot.core.catalogue import Service
from bot.core.workload import Image

PUBLIC = {"mongo": ("7.0.14", "7.0.15"), "redis": ("7.4.0", "7.4.1")}
SUBJECTS = (
    "Round half to even",
    "Log the request id",
    "Cache the exchange rates",
    "Retry on a lost connection",
    "Drop the old endpoint",
    "Speed up the report",
)
AUTHORS = ("dev1", "dev2", "dev3")
PLAYED = ("9ab01de", "3f2a91c", "77be001", "b0a7de1", "d15ea5e", "0ddba11")
AGES = (
    timedelta(days=9),
    timedelta(days=2),
    timedelta(hours=5),
    timedelta(hours=3),
    timedelta(hours=2),
    timedelta(hours=1),
)

BEHAVIOURS = {
    "77be001": Behaviour(Trouble.CRASH, exit_code=3, after=1.0, last_words=("panic: no database",)),
    "b0a7de1": Behaviour(Trouble.MISSING),
    "d15ea5e": Behaviour(Trouble.UNREADY),
    "0ddba11": Behaviour(Trouble.CRASH, exit_code=1, after=14.0, last_words=("panic: cache cold for too long",)),
}


class Commit(Struct, frozen=True):
    tag: str
    at: datetime
    author: str
    subject: str


def commits(service: Service, now: datetime) -> list[Commit]:
    """Oldest first. The public images have versions and no story."""
    if service.name in PUBLIC:
        tags: tuple[str, ...] = PUBLIC[service.name]
    else:
        tags = PLAYED
    return [
        Commit(tag, now - AGES[n], AUTHORS[(n + len(service.name)) % 3], SUBJECTS[(n + len(service.name)) % 6])
        for n, tag in enumerate(tags)
    ]


def image(repository: str, tag: str, created: datetime) -> Image:
    name = f"{repository}:{tag}"
    digest = sha256(name.encode()).hexdigest()
    size = 60_000_000 + int(digest[:6], 16) * 3
    return Image(repository, tag, f"sha256:{digest}", tag, created, size, platforms=("linux/amd64",))


def behave(reference: str) -> Behaviour | None:
    tag = reference.partition("@")[0].rpartition(":")[2]
    return BEHAVIOURS.get(tag)
