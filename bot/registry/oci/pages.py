"""Lists that come in pages. A list is whole or it is an error: half of one would make old tags look new."""

import re
from urllib.parse import urlsplit

import msgspec
from msgspec import UNSET, Struct, UnsetType

from bot.core.errors import NotFound, Unavailable
from bot.core.words import count
from bot.registry import NoRepository
from bot.registry.oci.bounded import Bounded
from bot.registry.oci.failures import garbled, missing
from bot.registry.oci.host import Host
from bot.registry.oci.message import KIB, Answer, joined, origin

_MOST_BYTES = 8 * KIB**2
_MOST_PAGES = 2000
_MOST_NAMES = 200_000
_NEXT = re.compile(r'<([^<>]*)>\s*;[^,<]*?\brel="?next"?', re.IGNORECASE)
_PATH = re.compile(r"/[^/\\#][^#\\]*")
_PAGES_KEPT = 1000


class _Names(Struct):
    """Registries write null for an empty list."""

    tags: list[str] | UnsetType | None = UNSET
    repositories: list[str] | UnsetType | None = UNSET


class Page(Struct, frozen=True):
    names: tuple[str, ...]
    following: str
    etag: str


class Pages:
    """A page that bears an ETag is asked for again only to hear that it is still the same."""

    def __init__(self) -> None:
        self._kept: Bounded[str, Page] = Bounded(_PAGES_KEPT)

    def walk(self, host: Host, path: str, subject: str) -> list[str]:
        """Every name from `path` on, each once, in the registry's order."""
        names: dict[str, None] = {}
        seen: set[str] = set()
        while path:
            if path in seen or len(seen) >= _MOST_PAGES:
                raise Unavailable(
                    f"{host.name} leads in circles: its list has no end.", fact=f"After {count(len(seen), 'page')}."
                )
            seen.add(path)
            page = self._page(host, path, subject)
            names.update(dict.fromkeys(page.names))
            if len(names) > _MOST_NAMES:
                raise Unavailable(f"{host.name} lists more than {_MOST_NAMES:,} names: not read.")
            path = page.following
        return list(names)

    def _page(self, host: Host, path: str, subject: str) -> Page:
        key = f"{host.name}{path}"
        kept = self._kept.get(key)
        headers = {"If-None-Match": kept.etag} if kept else {}

        def read(answer: Answer) -> Page:
            if kept and answer.status == 304:
                return kept
            return _read(host, path, subject, answer)

        page = host.ask(path, subject, read, most=_MOST_BYTES, headers=headers)
        if page.etag:
            self._kept.put(key, page)
        return page


def _read(host: Host, path: str, subject: str, answer: Answer) -> Page:
    if answer.status == 404:
        raise _none(host, subject)
    if answer.status != 200:
        raise garbled(host.name, answer)
    try:
        said = msgspec.json.decode(answer.body, type=_Names)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise garbled(host.name, answer) from None
    names = said.repositories if said.tags is UNSET else said.tags
    if names is UNSET:
        raise garbled(host.name, answer)
    return Page(tuple(names or ()), _following(host, path, answer.header("link")), answer.header("etag"))


def _none(host: Host, subject: str) -> NotFound:
    where = f"repository {host.name}/{subject}" if subject else f"list of repositories on {host.name}"
    kind = NoRepository if subject and host.is_open else NotFound
    return missing(host.name, where, logged_in=host.logged_in, kind=kind)


def _following(host: Host, path: str, link: str) -> str:
    """The next page's path. Behind a proxy a registry may get its own scheme wrong, but never its own name."""
    found = _NEXT.search(link[: 8 * KIB])
    if found is None:
        return ""
    if _PATH.fullmatch(found[1]):
        return found[1]
    target = joined(f"{host.home.url}{path}", found[1])
    there = origin(target)
    if there is None or there.name != host.home.name or not _is_port_of(host, there.port):
        raise Unavailable(f"{host.name} continues its list on another host: not followed.")
    parts = urlsplit(target)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _is_port_of(host: Host, port: int) -> bool:
    return port == host.home.port or port in (80, 443)
