"""What somebody wants to run: the part of a workload that people write and controllers only read."""

from math import ceil
from zlib import crc32

from msgspec import Struct

from bot.core.secret import Secret
from bot.core.workload import Kind, Reference

ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
RECREATE = "Recreate"
ROLLING = "RollingUpdate"
ON_DELETE = "OnDelete"


class ContainerSpec(Struct, frozen=True):
    name: str
    image: str
    env: dict[str, Secret] = {}
    memory_limit: str | None = None
    has_readiness_probe: bool = True
    references: tuple[Reference, ...] = ()


class Template(Struct, frozen=True):
    containers: tuple[ContainerSpec, ...]
    annotations: dict[str, str] = {}


class Spec(Struct, frozen=True):
    """`max_surge` and `max_unavailable` are counts or percents, as in Kubernetes; None is the kind's default."""

    name: str
    template: Template
    kind: Kind = Kind.DEPLOYMENT
    replicas: int = 1
    strategy: str = ROLLING
    max_surge: int | str = "25%"
    max_unavailable: int | str | None = None
    partition: int = 0
    deadline: int = 600
    history: int = 10
    paused: bool = False
    labels: dict[str, str] = {}


def single(image: str, *, name: str = "app", readiness: bool = True, memory_limit: str | None = None) -> Template:
    """The template of nearly every service: one container."""
    return Template((ContainerSpec(name, image, memory_limit=memory_limit, has_readiness_probe=readiness),))


def template_hash(template: Template) -> str:
    """Ten characters of the alphabet that Kubernetes writes numbers in, so that names look and sort as they do."""
    parts = [sorted(template.annotations.items())]
    for c in template.containers:
        env = [(key, value.reveal()) for key, value in sorted(c.env.items())]
        env += [(found.variable, str(found)) for found in c.references]
        parts.append([(c.name, c.image), *env, (c.memory_limit or "", str(c.has_readiness_probe))])
    return "".join(ALPHABET[ord(digit) % len(ALPHABET)] for digit in f"{crc32(repr(parts).encode()):010d}")


def surge(spec: Spec) -> int:
    return 0 if spec.strategy == RECREATE else _count(spec.max_surge, spec.replicas, up=True)


def unavailable(spec: Spec, wanted: int) -> int:
    """Never zero together with no surge: nothing could move."""
    if spec.kind is Kind.DAEMON_SET:
        return max(1, _count(1 if spec.max_unavailable is None else spec.max_unavailable, wanted, up=True))
    if spec.strategy == RECREATE:
        return 0
    allowed = _count("25%" if spec.max_unavailable is None else spec.max_unavailable, wanted, up=False)
    return min(wanted, 1 if allowed == 0 and surge(spec) == 0 else allowed)


def _count(value: int | str, total: int, *, up: bool) -> int:
    if isinstance(value, int):
        return value
    share = int(value.removesuffix("%")) * total
    return ceil(share / 100) if up else share // 100
