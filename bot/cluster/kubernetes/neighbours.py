"""What the server holds around a workload. One list each, of one namespace; what nobody serves is simply not there."""

import re
from collections.abc import Iterator, Mapping
from typing import TypeVar

import msgspec

from bot.cluster import names
from bot.cluster.kubernetes.client import Client
from bot.cluster.kubernetes.nearby import (
    Aim,
    AutoscalerObject,
    BudgetObject,
    IngressObject,
    Labelled,
    ServiceObject,
    UsageObject,
)
from bot.cluster.kubernetes.paths import core
from bot.cluster.kubernetes.reading import Found
from bot.core.errors import NotFound, Unavailable
from bot.core.surroundings import Address, Autoscaler, Budget, Usage

T = TypeVar("T")
AUTOSCALERS = "/apis/autoscaling/v2/namespaces/{}/horizontalpodautoscalers"
BUDGETS = "/apis/policy/v1/namespaces/{}/poddisruptionbudgets"
INGRESSES = "/apis/networking.k8s.io/v1/namespaces/{}/ingresses"
METRICS = "/apis/metrics.k8s.io/v1beta1/namespaces/{}/pods"
KEDA = "ScaledObject"

_labels = msgspec.json.Decoder(Labelled)


def autoscaler(client: Client, found: Found) -> Autoscaler | None:
    aim = Aim(found.target.kind, found.target.name)
    listed = _list(client, AUTOSCALERS, found, AutoscalerObject)
    return next((_autoscaler(a) for a in listed if a.spec.scale_target_ref == aim), None)


def addresses(client: Client, found: Found) -> list[Address]:
    """A Service without a selector points somewhere else; one that selects these pods is theirs."""
    labels = _pod_labels(found)
    services = [
        msgspec.json.decode(raw, type=ServiceObject) for raw in client.list(core(found.target.namespace, "services"))
    ]
    mine = [s for s in services if s.spec.selector and s.spec.selector.items() <= labels.items()]
    if not mine:
        return []
    within = {s.metadata.name for s in mine}
    ingresses = [a for i in _list(client, INGRESSES, found, IngressObject) for a in _ingress(i, within)]
    return [*dict.fromkeys(ingresses), *(a for s in sorted(mine, key=_inside) for a in _service(s))]


def budgets(client: Client, found: Found) -> list[Budget]:
    labels = _pod_labels(found)
    listed = _list(client, BUDGETS, found, BudgetObject)
    return [_budget(b) for b in listed if b.spec.selector is not None and b.spec.selector.matches(labels)]


def usage(client: Client, found: Found) -> dict[str, Usage]:
    """Served by an addition to the cluster, which may be absent or away: then nothing is known, and nothing wrong."""
    try:
        listed = _list(client, METRICS, found, UsageObject, {"labelSelector": found.selector})
    except (NotFound, Unavailable):
        return {}
    return {pod.metadata.name: _sum(pod) for pod in listed}


def _list(client: Client, path: str, found: Found, shape: type[T], query: Mapping[str, str] | None = None) -> list[T]:
    names.check(found.target.namespace)
    listed = client.list(path.format(found.target.namespace), query or {})
    return [msgspec.json.decode(raw, type=shape) for raw in listed]


def _pod_labels(found: Found) -> dict[str, str]:
    return _labels.decode(found.object.spec.template).metadata.labels or {}


def _autoscaler(found: AutoscalerObject) -> Autoscaler:
    keeper = found.metadata.controller
    return Autoscaler(
        name=found.metadata.name,
        least=found.spec.min_replicas,
        most=found.spec.max_replicas,
        current=found.status.current_replicas,
        measured=tuple(_measured(found)),
        by=f"{keeper.kind}/{keeper.name}" if keeper and keeper.kind == KEDA else "",
    )


def _measured(found: AutoscalerObject) -> Iterator[str]:
    said = {m.resource.name: m.resource.current for m in found.status.current_metrics or () if m.resource}
    for metric in found.spec.metrics or ():
        aim = metric.resource
        now = said.get(aim.name) if aim else None
        if aim and aim.target.average_utilization is not None:
            figure = "unknown" if now is None or now.average_utilization is None else f"{now.average_utilization} %"
            yield f"{aim.name} {figure} of {aim.target.average_utilization} %"


def _inside(service: ServiceObject) -> bool:
    return service.spec.type == "ClusterIP"


def _service(service: ServiceObject) -> Iterator[Address]:
    spec, ports = service.spec, service.spec.ports or ()
    if spec.type == "LoadBalancer":
        entries = service.status.load_balancer.ingress or ()
        hosts = [e.hostname or e.ip for e in entries]
        yield Address(spec.type, ", ".join(f"{h}:{p.port}" for h in hosts for p in ports) or "pending")
    if spec.type in ("NodePort", "LoadBalancer"):
        nodes = [str(p.node_port) for p in ports if p.node_port]
        yield from [Address("NodePort", f"port {', '.join(nodes)} of every node")] if nodes else []
    elif spec.type == "ClusterIP":
        name = f"{service.metadata.name}.{service.metadata.namespace}"
        yield Address(spec.type, ", ".join(f"{name}:{p.port}" for p in ports) or name)


def _ingress(found: IngressObject, services: set[str]) -> Iterator[Address]:
    secure = {host for tls in found.spec.tls or () for host in tls.hosts or ()}
    for rule in found.spec.rules or ():
        scheme = "https" if rule.host in secure else "http"
        for path in rule.http.paths or () if rule.http else ():
            if path.backend.service.name in services:
                yield Address("Ingress", f"{scheme}://{rule.host}{path.path}")


def _budget(found: BudgetObject) -> Budget:
    status = found.status
    return Budget(found.metadata.name, status.disruptions_allowed, status.current_healthy, status.desired_healthy)


def _sum(pod: UsageObject) -> Usage:
    used = [c.usage for c in pod.containers or ()]
    cpu = sum(quantity(u.cpu) for u in used)
    return Usage(round(cpu * 1000), round(sum(quantity(u.memory) for u in used)))


_QUANTITY = re.compile(r"(\d+(?:\.\d+)?)([a-zA-Z]{0,2})")
_UNITS: dict[str, float] = {
    "n": 1e-9, "u": 1e-6, "m": 1e-3, "": 1, "k": 1e3, "M": 1e6, "G": 1e9,
    "Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30, "Ti": 1 << 40,
}  # fmt: skip


def quantity(text: str) -> float:
    """What Kubernetes writes for an amount; one that nobody writes counts as none."""
    found = _QUANTITY.fullmatch(text)
    return float(found[1]) * _UNITS.get(found[2], 0) if found else 0.0
