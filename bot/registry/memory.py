"""A registry in memory: the demo's, and the fast half of the contract suite."""

from collections.abc import Mapping
from hashlib import sha256
from threading import Lock

from msgspec.structs import replace

from bot.core.errors import NotFound, Unavailable
from bot.core.login import Login
from bot.core.references import looks_like_digest, parse
from bot.core.workload import Image
from bot.registry import NoRepository


class MemoryRegistry:
    def __init__(self) -> None:
        self._images: dict[str, dict[str, Image]] = {}
        self._lock = Lock()
        self._outage: str | None = None
        self.borrowed: dict[str, Login] = {}

    def push(self, image: Image) -> Image:
        """A tag moves to what was pushed last. Without a digest one is made of the name."""
        digest = image.digest or f"sha256:{sha256(image.reference.encode()).hexdigest()}"
        pushed = replace(image, digest=digest)
        with self._lock:
            self._images.setdefault(_key(image.repository), {})[image.tag or "latest"] = pushed
        return pushed

    def drop(self, repository: str) -> None:
        """Somebody deletes it."""
        with self._lock:
            self._images.pop(_key(repository), None)

    def break_down(self, sentence: str | None) -> None:
        """From now on nothing is answered; None mends it."""
        self._outage = sentence

    def tags(self, repository: str) -> list[str]:
        return sorted(self._tagged(repository))

    def image(self, repository: str, reference: str) -> Image:
        tagged = self._tagged(repository)
        if looks_like_digest(reference):
            found = next((replace(i, tag=None) for i in tagged.values() if i.digest == reference), None)
        else:
            found = tagged.get(reference)
        if found is None:
            raise NotFound(f"No image {reference[:80]} in {repository}.", hint="Push to it, or look how it is spelt.")
        return found

    def describe(self, repository: str, tags: list[str]) -> list[Image]:
        tagged = self._tagged(repository)
        return [tagged[tag] for tag in tags if tag in tagged]

    def beside(self, repository: str) -> list[str]:
        host = parse(repository).host
        with self._lock:
            return sorted(name for name in self._images if name.startswith(f"{host}/"))

    def lent(self, logins: Mapping[str, Login]) -> "MemoryRegistry":
        self.borrowed = dict(logins)
        return self

    def close(self) -> None:
        """Nothing is open."""

    def _tagged(self, repository: str) -> dict[str, Image]:
        if self._outage:
            raise Unavailable(self._outage)
        with self._lock:
            found = self._images.get(_key(repository))
            if found is None:
                raise NoRepository(f"There is no repository {repository}.", hint="Push to it, or look how it is spelt.")
            return dict(found)


def _key(repository: str) -> str:
    return parse(repository).repository
