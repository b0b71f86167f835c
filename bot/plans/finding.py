"""From what an order calls a version to the one image that is meant, with as few questions as will do."""

from collections.abc import Mapping
from contextlib import suppress

from bot.core import references
from bot.core.errors import Ambiguous, Conflict, NotFound, QuarterdeckError
from bot.core.nearest import nearest
from bot.core.references import exact, looks_like_digest, same_repository
from bot.core.tags import last
from bot.core.tags.resolve import NEWEST, Again, named, resolve
from bot.core.words import ago, count
from bot.core.workload import Image, short_digest
from bot.ports import Ports
from bot.registry import Registry

LOOKED_INTO = 300


def find_image(registry: Registry, service: str, repository: str, said: str, *, ports: Ports, again: Again) -> Image:
    """A tag as it is written costs one question; anything else is looked for among all tags, by their names.

    What their names do not tell, the images do: two questions each, so that of a huge repository only some are asked.
    """
    version = _version(said, repository, ports.catalogue.aliases)
    with suppress(NotFound):
        if looks_like_digest(version.partition("@")[2]):
            return _still(registry, service, repository, version, again)
        if version not in NEWEST:
            return registry.image(repository, version)
    tags = tags_of(registry, repository)
    looked = named(version, tags) or worth_a_look(tags, version)
    images = registry.describe(repository, looked)
    whole = len(looked) == len(tags) or bool(named(version, tags))
    try:
        found = resolve(version, images, service=service, now=ports.clock.now(), again=again)
    except NotFound as missing:
        missing.fact = missing.fact if whole else f"{only_some(tags)} {missing.fact}"
        raise
    if version in NEWEST and not whole:
        raise _newest_of_some(found, service, tags, ports, again)
    return found if found.digest else registry.image(repository, found.tag or version)


def worth_a_look(tags: list[str], version: str = "") -> list[str]:
    """All of them, or those that are most likely the newest, and the nearest to what was said."""
    if len(tags) <= LOOKED_INTO:
        return tags
    close = nearest(version, tags, most=2) if version else []
    return list(dict.fromkeys([*close, *last(tags, LOOKED_INTO)]))


def only_some(tags: list[str]) -> str:
    return f"Of {count(len(tags), 'tag')} the last {LOOKED_INTO} were looked into; an older image goes by its tag."


def _newest_of_some(found: Image, service: str, tags: list[str], ports: Ports, again: Again) -> Ambiguous:
    built = f" ({ago(found.created, ports.clock.now())})" if found.created else ""
    return Ambiguous(
        f"Nobody knows which of {count(len(tags), 'tag')} of {service} is the newest.",
        fact=f"Of the last {LOOKED_INTO} it is {found.label}{built}.",
        hint=again(found.label),
        orders=((f"Take {found.label}", again(exact(found))), ("Images", f"images {service}")),
    )


def tags_of(registry: Registry, repository: str) -> list[str]:
    """A repository that is not there is mostly one that is spelt otherwise."""
    try:
        return registry.tags(repository)
    except NotFound as missing:
        with suppress(QuarterdeckError):
            if close := nearest(references.canonical(repository), registry.beside(repository), most=1):
                missing.fact = f"{missing.fact} Nearest: {', '.join(close)}.".strip()
        raise


def _version(said: str, repository: str, aliases: Mapping[str, str]) -> str:
    """People paste whole names: of `registry.local:5000/adderservice:3f2a91c` the tag is what is meant."""
    named = references.image(said)
    if "/" not in said or not same_repository(named.repository, repository, aliases):
        return said
    return "@".join(part for part in (named.tag, named.digest) if part)


def _still(registry: Registry, service: str, repository: str, version: str, again: Again) -> Image:
    """`3f2a91c@sha256:44c1f0e`: the tag while it still is this digest. A whole digest is found without its tag."""
    tag, _, digest = version.partition("@")
    found = registry.image(repository, tag)
    if (found.digest or "").startswith(digest.lower()):
        return found
    with suppress(NotFound):
        return registry.image(repository, digest)
    raise Conflict(
        f"{tag} of {service} is another image now: it was pushed again.",
        fact=f"It was {digest}, and is {short_digest(found.digest)}. Nothing was changed.",
        hint=again(tag),
        orders=((f"Deploy {tag}", again(exact(found))), ("Images", f"images {service}")),
    )
