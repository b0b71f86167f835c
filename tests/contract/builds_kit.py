"""How the builds suite handles each source: what it sends, and how its sender proves who it is."""

import hmac
import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha1
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

from msgspec import Struct

from bot.builds import BuildSource
from bot.builds.generic import GenericSource
from bot.builds.github import GithubSource
from bot.builds.gitlab import GitlabSource
from bot.builds.jenkins import JenkinsSource
from bot.builds.travis import TravisSource
from bot.builds.travis.rsa import PublicKey
from bot.core.events import Build
from bot.core.secret import Secret

PAYLOADS = Path(__file__).parents[1] / "payloads" / "builds"
NOW = datetime(2026, 11, 20, 12, 5, tzinfo=UTC)
SECRET = "kept-between-two"
Sent = tuple[dict[str, str], bytes]
Sign = Callable[[bytes, str], Sent]

# Two small primes: nothing to keep a secret with, and quick to sign ten thousand times with.
_P = int("C89755AE8D0EDFF8AEB55C21F6ED65D7BD97009F1F09ED3E154064B8AAD64665", 16)
_Q = int("C138C735B8786D92495982475CC2AC679ECA7A16A725B007EDCB4CC30F877357", 16)
KEY = PublicKey(_P * _Q, 65537)
_PRIVATE = pow(KEY.exponent, -1, (_P - 1) * (_Q - 1))
_SHARE = pow(_Q, -1, _P)


class Still:
    """A clock that stands."""

    def now(self) -> datetime:
        return NOW

    def real(self, seconds: float) -> float:
        return seconds


class Known:
    """A key that needs no asking."""

    def current(self) -> PublicKey:
        return KEY

    renewed = current


class BuildsKit(Struct, frozen=True):
    """`sign` makes what is sent of a JSON text and a secret; `life` are the payloads of one build, in order."""

    source: BuildSource
    sign: Sign
    life: tuple[str, ...]
    unknown: str

    @property
    def names(self) -> list[str]:
        return sorted(path.stem for path in (PAYLOADS / self.source.name).glob("*.json"))

    def text(self, name: str) -> bytes:
        return (PAYLOADS / self.source.name / f"{name}.json").read_bytes()

    def document(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.text(name))
        return found

    def read(self, headers: Mapping[str, str], body: bytes) -> list[Build]:
        """Of what tells nothing but builds."""
        return [told for told in self.source.read(headers, body) if isinstance(told, Build)]

    def sent(self, name: str, secret: str = SECRET) -> Sent:
        return self.sign(self.text(name), secret)


def signed(body: bytes, secret: str) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, "sha256").hexdigest()


def rsa_sha1(message: bytes) -> bytes:
    """By the remainders of both primes: four times quicker than by their product."""
    info = bytes.fromhex("3021300906052b0e03021a05000414") + sha1(message, usedforsecurity=False).digest()
    number = int.from_bytes(b"\x00\x01".ljust(KEY.size - len(info) - 1, b"\xff") + b"\x00" + info)
    one, two = pow(number, _PRIVATE % (_P - 1), _P), pow(number, _PRIVATE % (_Q - 1), _Q)
    return (two + (one - two) * _SHARE % _P * _Q).to_bytes(KEY.size)


def _jenkins(text: bytes, secret: str) -> Sent:
    return {"Authorization": "Basic " + b64encode(f"ci:{secret}".encode()).decode()}, text


def _travis(text: bytes, secret: str) -> Sent:
    """Its secret is a key that nobody else has: another one is what was not signed with it."""
    signature = rsa_sha1(text if secret == SECRET else text + b" ")
    return {"Signature": b64encode(signature).decode()}, f"payload={quote_plus(text)}".encode()


def _github(text: bytes, secret: str) -> Sent:
    kind = "check_suite" if b'"check_suite"' in text else "workflow_run"
    return {"X-GitHub-Event": kind, "X-Hub-Signature-256": signed(text, secret)}, text


def _gitlab(text: bytes, secret: str) -> Sent:
    return {"X-Gitlab-Event": "Pipeline Hook", "X-Gitlab-Token": secret}, text


def _generic(text: bytes, secret: str) -> Sent:
    return {"x-hub-signature-256": signed(text, secret)}, text


_secret = Secret(SECRET)
KITS: Mapping[str, BuildsKit] = {
    "jenkins": BuildsKit(
        JenkinsSource("jenkins", "ci", _secret, Still()),
        _jenkins,
        ("queued", "started", "completed", "finalized"),
        "none",
    ),
    "travis": BuildsKit(TravisSource("travis", Known(), Still()), _travis, ("created", "started", "passed"), "unknown"),
    "github": BuildsKit(
        GithubSource("github", _secret, Still()),
        _github,
        ("requested", "in_progress", "success"),
        "check_suite_of_actions",
    ),
    "gitlab": BuildsKit(
        GitlabSource("gitlab", _secret, Still()), _gitlab, ("created", "pending", "running", "success"), "unknown"
    ),
    "generic": BuildsKit(GenericSource("generic", _secret, Still()), _generic, ("queued", "started", "success"), ""),
}
