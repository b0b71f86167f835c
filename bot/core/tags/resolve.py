"""What a person types for a version → the one image that is meant, or the choice that is left."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from bot.core.errors import Ambiguous, NotFound
from bot.core.nearest import nearest
from bot.core.references import SHORTEST_SHA, looks_like_digest, looks_like_sha, same_commit
from bot.core.tags.policy import LATEST, is_excluded, shas
from bot.core.words import ago, clip
from bot.core.workload import Image, short_digest

NEWEST = (LATEST, "newest")
_CHOICES = 5
Again = Callable[[str], str]


def resolve(words: str, images: Sequence[Image], *, service: str, now: datetime, again: Again | None = None) -> Image:
    """An exact tag, then a digest, then a commit by tag or revision, then `latest`.

    `again` makes the order that a person would type with another tag: it becomes the hint. NotFound, Ambiguous.
    """
    order = again or (lambda tag: f"deploy {service} {tag}")
    real = [image for image in images if not is_excluded(image)]
    meant = _one_each(_meant(words.strip(), real))
    if not meant:
        raise _not_found(words, real, service, now, order)
    if len(meant) > 1:
        raise _ambiguous(words, meant, service, now, order)
    return meant[0]


def named(words: str, tags: Iterable[str]) -> list[str]:
    """The tags that say by their name that they may be meant: only these have to be looked at."""
    images = [Image("", tag) for tag in tags]
    found = [*_by_tag(words, images), *_by_version(words, images), *_by_sha(words, images)]
    return list(dict.fromkeys(image.tag for image in found if image.tag))


def _meant(words: str, images: Sequence[Image]) -> list[Image]:
    """The first way of reading that finds anything."""
    ways = (_by_tag, _by_digest, _by_version, _by_sha, _by_age)
    return next((found for way in ways if (found := way(words, images))), [])


def _by_tag(words: str, images: Sequence[Image]) -> list[Image]:
    return [image for image in images if image.tag == words]


def _by_digest(words: str, images: Sequence[Image]) -> list[Image]:
    digest = words.rpartition("@")[2].lower()
    if not looks_like_digest(digest):
        return []
    return [image for image in images if image.digest and image.digest.startswith(digest)]


def _by_version(words: str, images: Sequence[Image]) -> list[Image]:
    """`1.14.2` and `v1.14.2` are one to everybody."""
    bare = words.lower().removeprefix("v")
    return [image for image in images if image.tag and image.tag.lower().removeprefix("v") == bare]


def _by_sha(words: str, images: Sequence[Image]) -> list[Image]:
    """Either may be the shorter one: people paste whole commits, and tags hold short ones."""
    sha = words.lower()
    if not looks_like_sha(sha):
        return []
    return [image for image in images if any(same_commit(c, sha) for c in _commits(image))]


def _commits(image: Image) -> list[str]:
    revision = (image.revision or "").lower()
    return [*shas(image.tag or ""), *([revision] if looks_like_sha(revision) else [])]


def _by_age(words: str, images: Sequence[Image]) -> list[Image]:
    return _newest_first(images)[:1] if words.lower() in NEWEST else []


def _newest_first(images: Iterable[Image]) -> list[Image]:
    dated = [(image.created, image.tag or "", image) for image in images if image.created]
    return [image for _, _, image in sorted(dated, key=lambda entry: entry[:2], reverse=True)]


def _one_each(images: Sequence[Image]) -> list[Image]:
    """One image under several tags is one, called by the shortest of them."""
    by_identity: dict[str, Image] = {}
    for image in sorted(images, key=lambda i: (len(i.tag or ""), i.tag or "")):
        by_identity.setdefault(image.digest or image.reference, image)
    return list(by_identity.values())


def _not_found(words: str, images: Sequence[Image], service: str, now: datetime, order: Again) -> NotFound:
    newest = _newest_first(images)[:1]
    close = _nearest(words, images)
    told = [f"Nearest: {_list(close, now)}."] if close else []
    told += [f"Newest: {_list(newest, now)}."] if newest else []
    if looks_like_sha(f"{words:0<{SHORTEST_SHA}}") and 0 < len(words) < SHORTEST_SHA:
        told.insert(0, f"A commit needs at least {SHORTEST_SHA} characters.")
    best = next(iter([*close, *newest]), None)
    return NotFound(
        f"No image {clip(words)} of {service}.",
        fact=" ".join(told) or "Its repository holds none.",
        hint=order(best.label) if best else f"images {service}",
        orders=_orders(close or newest, order) + ((("Images", f"images {service}"),) if images else ()),
    )


def _ambiguous(words: str, meant: Sequence[Image], service: str, now: datetime, order: Again) -> Ambiguous:
    shown = meant[:_CHOICES]
    more = f" and {len(meant) - _CHOICES} more" if len(meant) > _CHOICES else ""
    return Ambiguous(
        f"{clip(words)} may be several images of {service}.",
        fact=f"{_list(shown, now)}{more}.",
        hint=order(shown[0].label),
        orders=_orders(shown, order),
    )


def _orders(images: Sequence[Image], order: Again) -> tuple[tuple[str, str], ...]:
    return tuple((image.label, order(image.label)) for image in images)


def _nearest(words: str, images: Sequence[Image]) -> list[Image]:
    by_tag = {image.tag: image for image in images if image.tag}
    return [by_tag[tag] for tag in nearest(words, by_tag, most=2)]


def _list(images: Sequence[Image], now: datetime) -> str:
    return ", ".join(_described(image, now) for image in images)


def _described(image: Image, now: datetime) -> str:
    age = ago(image.created, now) if image.created else short_digest(image.digest)
    return f"{image.label} ({age})" if age else image.label
