"""Which image is newer, and which one was meant. Never a downgrade."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from bot.core.catalogue import Watch
from bot.core.tags.policy import Key, Policy, is_excluded, natural, read_policy
from bot.core.tags.resolve import resolve
from bot.core.workload import Image

MOVES = "digest"
"""The policy of a tag that points at something else each time."""

__all__ = ["MOVES", "last", "newest", "order", "resolve", "unclear", "wanted"]


def wanted(tag: str, watch: Watch) -> bool:
    """By its name alone: what is not wanted need not be looked at."""
    return read_policy(watch).meant(Image("", tag, digest="unknown", created=datetime.max.replace(tzinfo=UTC)))


def last(tags: Iterable[str], most: int) -> list[str]:
    """As people count, whatever the order of the registry: most likely the newest."""
    return sorted((tag for tag in tags if not is_excluded(Image("", tag))), key=natural)[-most:]


def order(candidates: Sequence[Image], watch: Watch) -> list[Image]:
    """What the watch means, newest first, the same whatever the order they were listed in."""
    policy = read_policy(watch)
    placed = [(key, image) for image in candidates if policy.meant(image) and (key := policy.key(image)) is not None]
    by_name = sorted(placed, key=lambda pair: _name(pair[1]))
    return [image for _, image in sorted(by_name, key=lambda pair: pair[0], reverse=True)]


def newest(candidates: Sequence[Image], watch: Watch, running: Image | None) -> Image | None:
    """The image to go to from the running one; None where there is none newer, or nobody can tell."""
    ranked = order(candidates, watch)
    if not ranked or running is None:
        return ranked[0] if ranked else None
    best = ranked[0]
    if best.digest is not None and best.digest == running.digest:
        return None
    if watch.policy == MOVES:
        return best if _moved(best, running) else None
    return best if _newer(best, running, candidates, read_policy(watch)) else None


def unclear(news: Sequence[Image], watch: Watch, running: Image | None) -> Image | None:
    """What is new by name, though nobody can tell whether it is newer than the running one: that is for people.

    Builds may bear no date, and a registry may have forgotten what runs.
    """
    ranked = order(news, watch)
    best = next(iter([*ranked, *sorted(news, key=_name)]), None)
    if best is None or (running and best.digest and best.digest == running.digest):
        return None
    if not ranked:
        return best
    told = running is None or watch.policy == MOVES or _newer(best, running, news, read_policy(watch)) is not None
    return None if told else best


def _moved(best: Image, running: Image) -> bool:
    """A tag that moved is news, unless it moved back to what was built before."""
    return not (best.created and running.created and best.created < running.created)


def _newer(best: Image, running: Image, candidates: Sequence[Image], policy: Policy) -> bool | None:
    """None: nobody can tell. One build may bear several tags: the running image counts as the highest of them."""
    twins = [running, *(image for image in candidates if running.digest and image.digest == running.digest)]
    keys: list[Key] = [key for image in twins if (key := policy.key(image)) is not None]
    here = policy.key(best)
    if keys and here is not None:
        return bool(here > max(keys))
    built = [image.created for image in twins if image.created]
    return best.created > max(built) if built and best.created else None


def _name(image: Image) -> tuple[int, str]:
    """Among equals the fuller tag comes first: `1.14.0` says more than `1.14`."""
    return (-len(image.tag or ""), repr(image))
