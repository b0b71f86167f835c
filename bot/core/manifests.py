"""Templates: the objects of a first deploy, with _NAME_ _IMAGE_ _PORT_ _NAMESPACE_ where each service differs.

Old ones work: what a cluster no longer takes is made into what it takes, and that is said.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from bot.core.errors import Refused
from bot.core.words import count
from bot.core.workload import Container, Kind, Manifest

KINDS = (*map(str, Kind), "Service")
VERSIONS = dict.fromkeys(Kind, "apps/v1") | {"Service": "v1"}
REMOVED = ("extensions/v1beta1", "apps/v1beta1", "apps/v1beta2")
NUMBERS = ("port", "targetPort", "nodePort", "containerPort", "hostPort")
NAME, IMAGE, PORT = "_NAME_", "_IMAGE_", "_PORT_"
_EXPORTED = ("creationTimestamp", "generation", "managedFields", "resourceVersion", "selfLink", "uid")
_GONE = ("rollbackTo", "templateGeneration")


class Values(Struct, frozen=True):
    """What stands where each service differs."""

    name: str
    namespace: str
    image: str
    port: int | None = None


def manifest(file: str, body: object) -> Manifest:
    """ValueError, in words that follow "is not a template: ", for what none may hold."""
    found: dict[str, Any] = body if isinstance(body, dict) else {}
    kind, metadata = found.get("kind"), found.get("metadata")
    _insist(isinstance(kind, str), "it holds something that has no kind")
    _insist(kind in KINDS, f"it holds kind {str(kind)[:40]}, and only {', '.join(KINDS)} are allowed")
    kind = str(kind)
    old = kind in set(Kind) and found.get("apiVersion") in REMOVED
    _insist(old or found.get("apiVersion") == VERSIONS[kind], f"its {kind} has no apiVersion {VERSIONS[kind]}")
    named = isinstance(metadata, dict) and isinstance(metadata.get("name"), str)
    _insist(named, f"its {kind} has no metadata.name")
    _insist(kind == "Service" or _containers(found), f"its {kind} has no containers with names")
    return _modern(Manifest(file, kind, _tidy(found)))


def _insist(holds: object, words: str) -> None:
    if not holds:
        raise ValueError(words)


def filled(found: Manifest, values: Values) -> Manifest:
    """Of its own namespace if it names none, and never of another."""
    body = _filled(found.body, values)
    namespace = body["metadata"].setdefault("namespace", values.namespace)
    if namespace != values.namespace:
        raise Refused(
            f"{found.file} is for the namespace {namespace}.",
            fact=f"This environment's is {values.namespace}.",
            hint="Leave metadata.namespace out, or write _NAMESPACE_.",
        )
    return replace(found, body=body)


def making_namespace(name: str) -> str:
    """For whoever orders into one that is not there: what to apply first."""
    lines = ("apiVersion: v1", "kind: Namespace", "metadata:", f"  name: {name}")
    return "\n".join(["This makes it, with kubectl apply -f:", *(f"    {line}" for line in lines)])


def containers(found: Manifest) -> tuple[Container, ...]:
    return tuple(Container(c["name"], str(c.get("image", ""))) for c in _containers(found.body))


def with_image(found: Manifest, container: str, image: str) -> Manifest:
    body = deepcopy(found.body)
    for one in _containers(body):
        if one["name"] == container:
            one["image"] = image
    return replace(found, body=body)


def summary(body: Mapping[str, Any]) -> str:
    """What is new, in half a line."""
    spec = body["spec"]
    if body["kind"] == "Service":
        ports = [f"{p.get('port')} → {p.get('targetPort', p.get('port'))}" for p in spec.get("ports") or []]
        return " ".join([spec.get("type", "ClusterIP"), ", ".join(ports)])
    images = [f"{c['name']} {c.get('image', '')}" for c in _containers(body)]
    replicas = [count(spec.get("replicas", 1), "replica")] if body["kind"] != Kind.DAEMON_SET else []
    return ", ".join([*replicas, *images])


def names_port(found: Sequence[Manifest]) -> bool:
    return any(PORT in str(one.body) for one in found)


def _modern(found: Manifest) -> Manifest:
    if found.kind == "Service":
        return found
    body, spec, done = found.body, found.body["spec"], []
    if body["apiVersion"] in REMOVED:
        done.append(f"{body['apiVersion']} became {VERSIONS[found.kind]}")
        body = {**body, "apiVersion": VERSIONS[found.kind]}
        spec = {key: value for key, value in spec.items() if key not in _GONE}
    labels = (spec["template"].get("metadata") or {}).get("labels")
    if not spec.get("selector") and labels:
        done.append("its selector came from its labels")
        spec = {**spec, "selector": {"matchLabels": labels}}
    return replace(found, body={**body, "spec": spec}, note=f"{found.file}: {', '.join(done)}." if done else "")


def _tidy(body: dict[str, Any]) -> dict[str, Any]:
    """Without what only a server writes: many a template began as the answer to a get."""
    metadata = {key: value for key, value in body["metadata"].items() if key not in _EXPORTED}
    return {key: value for key, value in body.items() if key != "status"} | {"metadata": metadata}


def _containers(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    found: Any = body
    for key in ("spec", "template", "spec", "containers"):
        found = found.get(key) if isinstance(found, Mapping) else None
    named = isinstance(found, list) and all(isinstance(c, dict) and isinstance(c.get("name"), str) for c in found)
    return found if named else []


def _filled(value: Any, values: Values, key: str = "") -> Any:
    if isinstance(value, dict):
        return {str(_filled(k, values)): _filled(inner, values, k) for k, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, values, key) for inner in value]
    if not isinstance(value, str):
        return value
    if value == PORT and key in NUMBERS:
        return values.port
    for word, text in _words(values).items():
        value = value.replace(word, text)
    return value


def _words(values: Values) -> dict[str, str]:
    words = {NAME: values.name, "_NAMESPACE_": values.namespace, IMAGE: values.image}
    return words if values.port is None else {**words, PORT: str(values.port)}
