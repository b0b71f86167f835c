"""What a registry wants to see before it answers: the `WWW-Authenticate` header, as RFC 9110 writes it."""

import re
from urllib.parse import urlencode

from msgspec import Struct
from msgspec.structs import replace

_LONGEST = 8192
_SCHEME = re.compile(r"(?:^|,)\s*(bearer|basic)(?=[\s,]|$)", re.IGNORECASE)
_PARAMETER = re.compile(r'([A-Za-z][\w-]*)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')


class Challenge(Struct, frozen=True):
    """`realm` of a bearer challenge is where tokens are given out."""

    scheme: str
    realm: str = ""
    service: str = ""
    scope: str = ""

    def for_pulling(self, repository: str) -> "Challenge":
        """Google's registries name no scope: who asks says what is to be read, or the token is for nothing."""
        return replace(self, scope=f"repository:{repository}:pull") if repository and not self.scope else self

    @property
    def query(self) -> str:
        asked = {"service": self.service, "scope": self.scope}
        return urlencode({name: value for name, value in asked.items() if value})


def read(header: str) -> Challenge | None:
    """The best of those that we can meet: a token before a password. None where there is none."""
    found = {challenge.scheme: challenge for challenge in _each(header[:_LONGEST])}
    return found.get("bearer") or found.get("basic")


def _each(header: str) -> list[Challenge]:
    _, *parts = _SCHEME.split(header)
    return [_one(scheme.lower(), text) for scheme, text in zip(parts[::2], parts[1::2], strict=True)]


def _one(scheme: str, text: str) -> Challenge:
    given = {name.lower(): quoted or bare for name, quoted, bare in _PARAMETER.findall(text)}
    return Challenge(scheme, given.get("realm", ""), given.get("service", ""), given.get("scope", ""))
