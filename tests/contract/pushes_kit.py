"""How the pushes suite handles each registry: what it sends, and how it proves who it is."""

import hmac
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

from msgspec import Struct

from bot.core.secret import Secret
from bot.core.verify import IN_ADDRESS
from bot.registry.hooks import Hook

PAYLOADS = Path(__file__).parents[1] / "payloads" / "registry"
SECRET = "kept-between-two"
Sent = tuple[dict[str, str], bytes]
Sign = Callable[[bytes, str], Sent]


def in_address(text: bytes, secret: str) -> Sent:
    return {IN_ADDRESS: secret}, text


def bearer(text: bytes, secret: str) -> Sent:
    return {"Authorization": f"Bearer {secret}"}, text


def verbatim(text: bytes, secret: str) -> Sent:
    return {"Authorization": secret}, text


def signed(text: bytes, secret: str) -> Sent:
    made = hmac.new(secret.encode(), text, "sha256").hexdigest()
    return {"X-GitHub-Event": "package", "X-Hub-Signature-256": f"sha256={made}"}, text


def signed_form(text: bytes, secret: str) -> Sent:
    headers, body = signed(f"payload={quote_plus(text)}".encode(), secret)
    return {**headers, "Content-Type": "application/x-www-form-urlencoded"}, body


class PushesKit(Struct, frozen=True):
    """`signs`: every way it may prove itself, the usual one first. `push`: a payload that concerns us."""

    source: Hook
    signs: tuple[Sign, ...]
    push: str

    @property
    def names(self) -> list[str]:
        return sorted(path.stem for path in (PAYLOADS / self.source.name).glob("*.json"))

    def text(self, name: str) -> bytes:
        return (PAYLOADS / self.source.name / f"{name}.json").read_bytes()

    def document(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.text(name))
        return found

    def sign(self, text: bytes, secret: str = SECRET) -> Sent:
        return self.signs[0](text, secret)


_secret = Secret(SECRET)
KITS: Mapping[str, PushesKit] = {
    "dockerhub": PushesKit(Hook("dockerhub", "dockerhub", _secret), (in_address,), "push"),
    "distribution": PushesKit(Hook("distribution", "distribution", _secret, "reg:5000"), (bearer, in_address), "push"),
    "harbor": PushesKit(Hook("harbor", "harbor", _secret, "harbor.example.com"), (verbatim, bearer), "push"),
    "ghcr": PushesKit(Hook("ghcr", "ghcr", _secret), (signed, signed_form), "package"),
    "generic": PushesKit(Hook("generic", "generic", _secret, "quay.io"), (in_address, bearer, signed), "repository"),
}
