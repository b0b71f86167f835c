"""From a tag or digest to what it is, with as few questions as will do.

New: the manifest and its config. Known: one HEAD, which the registry may answer with "not modified".
"""

from collections.abc import Callable

from msgspec import Struct

from bot.core.errors import Invalid
from bot.core.references import is_digest
from bot.registry.oci.bounded import Bounded
from bot.registry.oci.failures import garbled
from bot.registry.oci.host import Host
from bot.registry.oci.manifest import (
    ACCEPTED,
    Config,
    Descriptor,
    Facts,
    Manifest,
    best_child,
    facts,
    read_config,
    read_manifest,
    verified,
)
from bot.registry.oci.message import KIB, Answer

MOST_BYTES = 4 * KIB**2
_KEPT = 10_000


class _Seen(Struct, frozen=True):
    digest: str
    etag: str


class _Fetched(Struct, frozen=True):
    seen: _Seen
    manifest: Manifest


class Reading:
    """A digest never changes its meaning, so what it means is asked for once."""

    def __init__(self) -> None:
        self._seen: Bounded[tuple[str, str, str], _Seen] = Bounded(_KEPT)
        self._facts: Bounded[tuple[str, str], Facts] = Bounded(_KEPT)

    def look(self, host: Host, path: str, reference: str) -> tuple[str, Facts] | None:
        """The digest and what is known of it; None where there is nothing of that name."""
        key = (host.name, path, reference)
        known = self._still_known(host, path, reference, self._seen.get(key))
        if known:
            return known
        fetched = _manifest(host, path, reference)
        if fetched is None:
            self._seen.drop(key)
            return None
        self._seen.put(key, fetched.seen)
        digest = fetched.seen.digest
        known_facts = self._facts.get((host.name, digest))
        if known_facts is None:
            known_facts = _facts(host, path, fetched.manifest)
            self._facts.put((host.name, digest), known_facts)
        return digest, known_facts

    def _still_known(self, host: Host, path: str, reference: str, seen: _Seen | None) -> tuple[str, Facts] | None:
        """Only the digest is asked for. A tag that moved to a digest that is known is known as well."""
        if seen is None:
            return None
        headers = {"Accept": ACCEPTED, **({"If-None-Match": seen.etag} if seen.etag else {})}
        digest = host.ask(
            f"/v2/{path}/manifests/{reference}", path, _digest_now(seen), most=KIB, method="HEAD", headers=headers
        )
        found = self._facts.get((host.name, digest))
        return (digest, found) if found else None


def _digest_now(seen: _Seen) -> Callable[[Answer], str]:
    def read(answer: Answer) -> str:
        if answer.status == 304:
            return seen.digest
        return answer.header("docker-content-digest") if answer.status == 200 else ""

    return read


def _manifest(host: Host, path: str, reference: str) -> _Fetched | None:
    def read(answer: Answer) -> _Fetched | None:
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise garbled(host.name, answer)
        asked = reference if is_digest(reference) else ""
        manifest = read_manifest(host.name, answer)
        digest = verified(host.name, answer.body, asked, answer.header("docker-content-digest"))
        return _Fetched(_Seen(digest, answer.header("etag")), manifest)

    where = f"/v2/{path}/manifests/{reference}"
    return host.ask(where, path, read, most=MOST_BYTES, headers={"Accept": ACCEPTED}, counted=True)


def _facts(host: Host, path: str, top: Manifest) -> Facts:
    image = top
    if top.manifests is not None:
        child = best_child(top)
        fetched = _manifest(host, path, child.digest) if child and is_digest(child.digest) else None
        if fetched is None:
            return facts(top, top, Config())
        image = fetched.manifest
    config = image.config
    if config is None or not image.has_image_config:
        return facts(top, image, Config())
    return facts(top, image, _config(host, path, config))


def _config(host: Host, path: str, config: Descriptor) -> Config:
    if config.size > MOST_BYTES or not is_digest(config.digest):
        raise Invalid(f"{host.name} holds an image whose configuration cannot be right.")

    def read(answer: Answer) -> Config:
        if answer.status != 200:
            raise Invalid(f"{host.name} holds an image whose configuration is missing.")
        verified(host.name, answer.body, config.digest)
        return read_config(host.name, answer.body)

    return host.ask(f"/v2/{path}/blobs/{config.digest}", path, read, most=MOST_BYTES)
