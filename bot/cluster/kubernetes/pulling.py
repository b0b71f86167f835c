"""The logins that the pods of a workload pull with. Read where an environment says so, and never written down."""

import binascii
import json
from base64 import b64decode
from collections.abc import Callable, Iterator
from threading import Lock
from time import monotonic
from typing import Any

import msgspec
from msgspec import Struct

from bot.cluster.kubernetes.client import Client
from bot.cluster.kubernetes.paths import PLURALS, apps, core
from bot.core.errors import NotFound, UsageError
from bot.core.login import Login
from bot.core.references import host
from bot.core.secret import Secret
from bot.core.workload import Manifest, Target

KEPT = 300.0
MOST = 64
FILES = (".dockerconfigjson", ".dockercfg")


class Named(Struct, frozen=True):
    name: str = ""


class PodSpec(Struct, frozen=True, rename="camel"):
    image_pull_secrets: tuple[Named, ...] | None = None
    service_account_name: str | None = None


class Template(Struct, frozen=True):
    spec: PodSpec = PodSpec()


class Spec(Struct, frozen=True):
    template: Template = Template()


class Workload(Struct, frozen=True):
    spec: Spec = Spec()


class ServiceAccount(Struct, frozen=True, rename="camel"):
    image_pull_secrets: tuple[Named, ...] | None = None


class SecretObject(Struct, frozen=True):
    data: dict[str, str] | None = None


Logins = dict[str, Login]


class Pulling:
    def __init__(self, client: Client, now: Callable[[], float] = monotonic) -> None:
        self._client = client
        self._now = now
        self._lock = Lock()
        self._known: dict[Target, tuple[float, Logins]] = {}

    def logins(self, target: Target, template: Manifest | None = None) -> Logins:
        """By registry. Known for minutes, so that a schedule does not ask for them each time."""
        with self._lock:
            until, known = self._known.get(target, (0.0, {}))
        if self._now() < until:
            return known
        found = self._read(target, template)
        with self._lock:
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[target] = (self._now() + KEPT, found)
        return found

    def _read(self, target: Target, template: Manifest | None) -> Logins:
        found: Logins = {}
        for name in self._names(target, template):
            for registry, login in self._secret(target.namespace, name):
                found.setdefault(registry, login)
        return found

    def _names(self, target: Target, template: Manifest | None) -> list[str]:
        """As a pod gets them: its own, else those of its account."""
        spec = self._workload(target, template).spec.template.spec
        named = spec.image_pull_secrets
        if not named:
            account = core(target.namespace, "serviceaccounts", spec.service_account_name or "default")
            named = msgspec.json.decode(self._client.get(account), type=ServiceAccount).image_pull_secrets
        return [one.name for one in named or () if one.name]

    def _workload(self, target: Target, template: Manifest | None) -> Workload:
        try:
            body = self._client.get(apps(target.namespace, PLURALS[target.kind], target.name))
        except NotFound:
            if template is None:
                raise
            return msgspec.convert(template.body, Workload)
        return msgspec.json.decode(body, type=Workload)

    def _secret(self, namespace: str, name: str) -> Iterator[tuple[str, Login]]:
        """One that is named and is not there stops no pod either."""
        try:
            body = self._client.get(core(namespace, "secrets", name))
        except NotFound:
            return
        data = msgspec.json.decode(body, type=SecretObject).data or {}
        for key in FILES:
            for address, written in _auths(data.get(key, "")).items():
                registry, login = _registry(address), _login(written)
                if registry and login:
                    yield registry, login


def _auths(encoded: str) -> dict[str, Any]:
    """Of either format; nothing where it is none, since its words must not stand in an error."""
    try:
        found = json.loads(b64decode(encoded))
    except (ValueError, RecursionError):
        return {}
    auths = found.get("auths", found) if isinstance(found, dict) else None
    return auths if isinstance(auths, dict) else {}


def _registry(address: str) -> str:
    """`https://index.docker.io/v1/` is docker.io."""
    try:
        return host(address.partition("://")[2].partition("/")[0] if "://" in address else address.partition("/")[0])
    except UsageError:
        return ""


def _login(written: object) -> Login | None:
    given = written if isinstance(written, dict) else {}
    fields = {key: value for key, value in given.items() if isinstance(value, str) and value}
    if token := fields.get("identitytoken"):
        return Login("<token>", Secret(token), identity=True)
    try:
        user, _, password = b64decode(fields.get("auth", "")).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        user, password = "", ""
    user, password = user or fields.get("username", ""), password or fields.get("password", "")
    return Login(user, Secret(password)) if user else None
