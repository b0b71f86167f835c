"""The cluster's contract on a real control plane: the bot has the rights of k8s/target, the kit has all."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from threading import Event
from time import monotonic
from typing import Any, TypeVar

import pytest

from bot.cluster.kubernetes import KubernetesCluster
from bot.core.workload import Kind
from tests.cluster.plane import Plane, plane
from tests.contract.cluster_nouns import Kit, Peek, Wanted
from tests.servers.require import or_skip

T = TypeVar("T")
PLURALS = {Kind.DEPLOYMENT: "deployments", Kind.STATEFUL_SET: "statefulsets", Kind.DAEMON_SET: "daemonsets"}


class KubernetesKit:
    MOST = 90.0

    def __init__(self, plane: Plane, *, whole: bool = False) -> None:
        self._plane = plane
        self.namespace = plane.namespace()
        self.cluster = KubernetesCluster("main", plane.access, whole=whole)
        self._neighbours: list[KubernetesKit] = []

    def neighbour(self) -> Kit:
        other = copy(self)
        other.namespace = self._plane.namespace()
        self._neighbours.append(other)
        return other

    def create(self, wanted: Wanted) -> None:
        self._plane.make(self._apps(wanted.kind), manifest(wanted))

    def delete(self, name: str, kind: Kind) -> None:
        self._plane.delete(f"{self._apps(kind)}/{name}")
        self.until(lambda: self._plane.control.api(f"{self._apps(kind)}/{name}").status == 404, f"{name} deleted")

    def delete_pod(self, name: str) -> None:
        self._plane.delete(f"{self._core}/pods/{name}")

    def set_image(self, name: str, image: str) -> None:
        container = self._plane.read(f"{self._apps(Kind.DEPLOYMENT)}/{name}")["spec"]["template"]["spec"]["containers"][
            0
        ]
        self.kubectl("set", "image", f"deployment/{name}", f"{container['name']}={image}")

    def set_quota(self, pods: int) -> None:
        """Admission refuses everything until the quota's controller has counted."""
        path = f"{self._core}/resourcequotas"
        self._plane.delete(f"{path}/pods")
        self._plane.make(path, {"metadata": {"name": "pods"}, "spec": {"hard": {"pods": str(pods)}}})
        self.until(lambda: "used" in self._plane.read(f"{path}/pods").get("status", {}), "the quota counted")

    def autoscale(self, name: str, least: int, most: int) -> None:
        aim = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
        cpu = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}}
        spec = {"scaleTargetRef": aim, "minReplicas": least, "maxReplicas": most}
        metrics = {"metrics": [{"type": "Resource", "resource": cpu}]}
        self._make("/apis/autoscaling/v2", "horizontalpodautoscalers", name, {**spec, **metrics})

    def expose(self, name: str, kind: str) -> None:
        ports = [{"port": 8080}]
        self._make(
            "/api/v1", "services", name, {"selector": {"app": name}, "ports": ports, "type": _service_type(kind)}
        )
        if kind == "Ingress":
            backend = {"service": {"name": name, "port": {"number": 8080}}}
            path = {"path": "/", "pathType": "Prefix", "backend": backend}
            rules = [{"host": f"{name}.example.com", "http": {"paths": [path]}}]
            self._make("/apis/networking.k8s.io/v1", "ingresses", name, {"rules": rules})

    def guard(self, name: str, needed: int) -> None:
        spec = {"minAvailable": needed, "selector": {"matchLabels": {"app": name}}}
        self._make("/apis/policy/v1", "poddisruptionbudgets", name, spec)

    def _make(self, group: str, plural: str, name: str, spec: dict[str, Any]) -> None:
        self._plane.make(f"{group}/namespaces/{self.namespace}/{plural}", {"metadata": {"name": name}, "spec": spec})

    def peek(self, name: str, kind: Kind = Kind.DEPLOYMENT) -> Peek:
        found = self._plane.read(f"{self._apps(kind)}/{name}")
        template = found["spec"]["template"]
        containers = template["spec"]["containers"]
        return Peek(
            images={c["name"]: c["image"] for c in containers},
            replicas=found["spec"].get("replicas", 0),
            env={v["name"]: v.get("value", "") for v in containers[0].get("env", [])},
            paused=found["spec"].get("paused", False),
            annotations=found["metadata"].get("annotations", {}),
            template_annotations=template["metadata"].get("annotations", {}),
        )

    def service(self, name: str) -> dict[str, Any] | None:
        answer = self._plane.control.api(f"{self._core}/services/{name}")
        return dict(answer.json()["spec"]) if answer.status == 200 else None

    def kubectl(self, *words: str) -> str:
        return self._plane.control.kubectl("--namespace", self.namespace, *words)

    def until(self, condition: Callable[[], T], what: str) -> T:
        pause, deadline = Event(), monotonic() + self.MOST
        while monotonic() < deadline:
            if found := condition():
                return found
            pause.wait(0.05)
        pytest.fail(f"never came: {what}")

    def close(self) -> None:
        """What it ran goes; the empty namespace may stay, for taking that away is much more work."""
        self.cluster.stop()
        for kit in (self, *self._neighbours):
            for kind in Kind:
                self._plane.delete(kit._apps(kind))
            self._plane.delete(f"{kit._core}/services")

    @property
    def _core(self) -> str:
        return f"/api/v1/namespaces/{self.namespace}"

    def _apps(self, kind: Kind) -> str:
        return f"/apis/apps/v1/namespaces/{self.namespace}/{PLURALS[kind]}"


def _service_type(kind: str) -> str:
    return "ClusterIP" if kind == "Ingress" else kind


def manifest(wanted: Wanted) -> dict[str, Any]:
    labels = {"app": wanted.name, "kind": wanted.kind.lower()}
    containers = [_container(name, wanted) for name in wanted.containers]
    spec: dict[str, Any] = {
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": {"containers": containers}},
        **_by_kind(wanted),
    }
    return {"metadata": {"name": wanted.name, "labels": labels}, "spec": spec}


def _container(name: str, wanted: Wanted) -> dict[str, Any]:
    probe = {"readinessProbe": {"httpGet": {"path": "/healthz", "port": 8080}}} if wanted.readiness else {}
    return {"name": name, "image": wanted.image, **probe}


def _by_kind(wanted: Wanted) -> dict[str, Any]:
    if wanted.kind is Kind.DEPLOYMENT:
        rolling = {"maxSurge": wanted.max_surge, "maxUnavailable": wanted.max_unavailable}
        strategy = {"type": wanted.strategy} | (
            {"rollingUpdate": rolling} if wanted.strategy == "RollingUpdate" else {}
        )
        return {"replicas": wanted.replicas, "strategy": strategy, "progressDeadlineSeconds": wanted.deadline}
    strategy = {"type": wanted.strategy}
    if wanted.kind is Kind.DAEMON_SET:
        return {"updateStrategy": strategy}
    if wanted.strategy == "RollingUpdate":
        strategy |= {"rollingUpdate": {"partition": wanted.partition}}
    return {"replicas": wanted.replicas, "updateStrategy": strategy, "serviceName": wanted.name}


@contextmanager
def kubernetes() -> Iterator[Kit]:
    with or_skip():
        kit = KubernetesKit(plane())
    try:
        yield kit
    finally:
        kit.close()


@contextmanager
def whole_kubernetes() -> Iterator[Kit]:
    """All namespaces watched at once, with the rights of k8s/watch."""
    with or_skip():
        real = plane()
    with real.granted("watch"):
        kit = KubernetesKit(real, whole=True)
        try:
            yield kit
        finally:
            kit.close()
