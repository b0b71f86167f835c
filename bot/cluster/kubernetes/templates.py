"""Pod templates: told apart by a hash of their own, the same wherever one stands and before it is written.

The server's own hash is known only after a rollout began, and differs by kind and by collision count.
"""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import msgspec
from msgspec import Raw

from bot.cluster.kubernetes.shapes import ContainerShape, TemplateShape
from bot.core.variables import reference
from bot.core.workload import Container

Template = dict[str, Any]
POD_TEMPLATE_HASH = "pod-template-hash"
REVISION_HASH = "controller-revision-hash"

_shape = msgspec.json.Decoder(TemplateShape)
_plain = msgspec.json.Decoder(dict[str, Any])


def plain(raw: Raw) -> Template:
    """As it stands, to the last field."""
    return _plain.decode(raw)


def template(raw: Raw) -> Template:
    """As the workload has it: without what a controller adds to its own copy."""
    found = plain(raw)
    found.pop("$patch", None)
    metadata = found.get("metadata") or {}
    labels = metadata.get("labels") or {}
    labels.pop(POD_TEMPLATE_HASH, None)
    return found


def fingerprint(template: Template) -> str:
    return blake2b(msgspec.json.encode(_clean(template), order="sorted"), digest_size=6).hexdigest()


def hash_of(raw: Raw) -> str:
    return fingerprint(template(raw))


def _clean(value: Any) -> Any:
    """The server leaves out what is empty where it writes; one who plans a template may not know when."""
    if isinstance(value, Mapping):
        return {key: _clean(inner) for key, inner in value.items() if inner is not None and inner not in ("", [])}
    if isinstance(value, list):
        return [_clean(inner) for inner in value]
    return value


def containers(raw: Raw) -> tuple[Container, ...]:
    return tuple(_container(c) for c in _shape.decode(raw).spec.containers)


def images(raw: Raw) -> dict[str, str]:
    return {c.name: c.image for c in _shape.decode(raw).spec.containers}


def _container(shape: ContainerShape) -> Container:
    limit = shape.resources.limits.memory if shape.resources.limits else None
    return Container(
        name=shape.name,
        image=shape.image,
        env=tuple(sorted(variable.name for variable in shape.env or ())),
        memory_limit=None if limit is None else str(limit),
        has_readiness_probe=shape.readiness_probe is not None,
        references=tuple(reference(v.name, v.value_from) for v in shape.env or () if v.value_from),
    )
