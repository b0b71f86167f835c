"""The Registry port on real registries: which one is asked is told by the repository's name."""

import logging
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import copy

from msgspec import Struct
from msgspec.structs import replace

from bot.core import references
from bot.core.errors import Invalid
from bot.core.login import Login
from bot.core.words import clip
from bot.core.workload import Image
from bot.registry.oci.access import Access
from bot.registry.oci.bounded import Bounded
from bot.registry.oci.failures import missing
from bot.registry.oci.host import Host
from bot.registry.oci.pace import Now
from bot.registry.oci.pages import Pages
from bot.registry.oci.proxies import NO_PROXIES, Proxies
from bot.registry.oci.reading import Reading
from bot.registry.oci.trust import Trust
from bot.registry.oci.wire import AT_ONCE, Patience

log = logging.getLogger(__name__)
_HOSTS = 200
_NOTHING_SPECIAL = Access()
_PATIENCE = Patience()


class _Repository(Struct, frozen=True):
    """`written`: as the caller writes it, which is how it stands in the image that is handed back."""

    host: Host
    path: str
    written: str

    @property
    def full(self) -> str:
        return f"{self.host.name}/{self.path}"


class OciRegistry:
    """`registries`: by host and port. One that is not named there is reached by TLS, and with docker's own logins."""

    def __init__(
        self,
        registries: Mapping[str, Access],
        patience: Patience = _PATIENCE,
        now: Now = time.monotonic,
        proxies: Proxies = NO_PROXIES,
    ) -> None:
        self._access = {references.host(name): access for name, access in registries.items()}
        self._aliases = {
            references.host(alias): references.host(name)
            for name, access in registries.items()
            for alias in access.aliases
        }
        self._patience = patience
        self._now = now
        self._proxies = proxies
        self._trust = Trust()
        self.logins: Mapping[str, Login] = {}
        self._hosts: Bounded[tuple[str, Login | None], Host] = Bounded(_HOSTS, Host.close)
        self._pages = Pages()
        self._reading = Reading()

    def tags(self, repository: str) -> list[str]:
        place = self._place(repository)
        tags = self._pages.walk(place.host, f"/v2/{place.path}/tags/list", place.path)
        wrong = next((tag for tag in tags if not references.is_tag(tag)), None)
        if wrong is not None:
            raise Invalid(
                f"{place.full} lists what cannot be a tag: nothing of the list is believed.",
                fact=f"{clip(ascii(wrong), 60)}.",
            )
        return tags

    def image(self, repository: str, reference: str) -> Image:
        place = self._place(repository)
        found = self._look(place, reference)
        if found is None:
            where = f"image {clip(reference, 80)} in {place.full}"
            raise missing(place.host.name, where, logged_in=place.host.logged_in)
        return found

    def describe(self, repository: str, tags: Sequence[str]) -> list[Image]:
        """Several at once. One that is broken is left out: it must not hide those that are not."""
        place = self._place(repository)
        if len(tags) < 2:
            found = [self._if_sound(place, tag) for tag in tags]
        else:
            with ThreadPoolExecutor(min(AT_ONCE, len(tags)), thread_name_prefix="registry") as crew:
                found = list(crew.map(lambda tag: self._if_sound(place, tag), tags))
        return [image for image in found if image]

    def beside(self, repository: str) -> list[str]:
        host = self._place(repository).host
        return [f"{host.name}/{path}" for path in self._pages.walk(host, "/v2/_catalog", "")]

    def lent(self, logins: Mapping[str, Login]) -> "OciRegistry":
        """What is known is shared with it, and so are the connections of each login."""
        if not logins:
            return self
        other = copy(self)
        other.logins = dict(logins)
        return other

    def close(self) -> None:
        self._hosts.clear()

    def _if_sound(self, place: _Repository, tag: str) -> Image | None:
        try:
            return self._look(place, tag)
        except Invalid as error:
            log.warning("%s:%s is left out: %s", place.full, tag, error.sentence)
            return None

    def _look(self, place: _Repository, reference: str) -> Image | None:
        by_digest = references.is_digest(reference)
        if not by_digest and not references.is_tag(reference):
            return None
        found = self._reading.look(place.host, place.path, reference)
        if found is None:
            return None
        digest, facts = found
        return Image(
            repository=place.written,
            tag=None if by_digest else reference,
            digest=digest,
            revision=facts.revision,
            created=facts.created,
            size=facts.size,
            version=facts.version,
            source=facts.source,
            platforms=facts.platforms,
        )

    def _place(self, repository: str) -> _Repository:
        reference = references.parse(repository)
        host = self._host(self._aliases.get(reference.host, reference.host))
        return _Repository(host, reference.path, references.image(repository).repository)

    def _host(self, name: str) -> Host:
        access = self._access.get(name, _NOTHING_SPECIAL)
        login = None if access.username else self.logins.get(name)
        if login:
            access = replace(access, lent=login)
        return self._hosts.get_or_make(
            (name, login), lambda: Host(name, access, self._trust, self._patience, self._now, self._proxies)
        )
