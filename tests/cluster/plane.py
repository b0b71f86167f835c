"""One real control plane for the whole session, with the bot's own account on it."""

import json
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.cluster.kubernetes import Access
from tests.servers.control_plane import ControlPlane
from tests.servers.process import until
from tests.servers.wire import answers

MANIFESTS = Path(__file__).parents[2] / "k8s"
HOME = "quarterdeck"
ACCOUNT = f"system:serviceaccount:{HOME}:quarterdeck"
CLUSTER_RBAC = "/apis/rbac.authorization.k8s.io/v1"
RBAC = f"{CLUSTER_RBAC}/namespaces"


class Plane:
    def __init__(self, control: ControlPlane) -> None:
        self.control = control
        self.make("/api/v1/namespaces", {"metadata": {"name": HOME}})
        self.make(f"/api/v1/namespaces/{HOME}/serviceaccounts", manifest("base/serviceaccount.yaml"))
        self.token = control.token_for(HOME, "quarterdeck")
        self.access = self.access_at(control.url)

    def access_at(self, url: str, user: dict[str, object] | None = None) -> Access:
        """As the bot's account, through this address."""
        path = self.control.kubeconfig.parent / f"{secrets.token_hex(4)}.kubeconfig"
        path.write_text(json.dumps(kubeconfig(url, user or {"token": self.token}, self.control.ca_file)))
        return Access(path)

    def namespace(self) -> str:
        """An empty one, in which the bot has the rights of k8s/target and no others."""
        name = self.control.create_namespace()
        self.make(f"{RBAC}/{name}/roles", manifest("target/role.yaml"))
        self.make(f"{RBAC}/{name}/rolebindings", manifest("target/rolebinding.yaml"))
        until(lambda: self.may("list", "apps", "deployments", name), f"the rights in {name}")
        return name

    def may(self, verb: str, group: str, resource: str, namespace: str = "") -> bool:
        """The API server takes a moment to learn of a right that was granted or taken away."""
        asked = {"verb": verb, "group": group, "resource": resource, "namespace": namespace}
        review = {"spec": {"user": ACCOUNT, "resourceAttributes": asked}}
        answer = self.control.api("/apis/authorization.k8s.io/v1/subjectaccessreviews", "POST", review)
        return bool(answer.json()["status"]["allowed"])

    @contextmanager
    def granted(self, component: str) -> Iterator[None]:
        """The optional rights of this folder of k8s/, for so long."""
        role, binding = manifest(f"{component}/clusterrole.yaml"), manifest(f"{component}/clusterrolebinding.yaml")
        self.make(f"{CLUSTER_RBAC}/clusterroles", role)
        self.make(f"{CLUSTER_RBAC}/clusterrolebindings", binding)
        rule = role["rules"][-1]
        right = rule["verbs"][-1], rule["apiGroups"][-1], rule["resources"][-1]
        try:
            until(lambda: self.may(*right), f"the rights of {component}")
            yield
        finally:
            self.delete(f"{CLUSTER_RBAC}/clusterrolebindings/{binding['metadata']['name']}")
            self.delete(f"{CLUSTER_RBAC}/clusterroles/{role['metadata']['name']}")
            until(lambda: not self.may(*right), f"the end of the rights of {component}")

    def make(self, path: str, body: dict[str, Any]) -> None:
        answer = self.control.api(path, "POST", body)
        if answer.status not in (201, 409):
            raise RuntimeError(f"POST {path}: {answer.body.decode()}")

    def read(self, path: str) -> Any:
        answer = self.control.api(path)
        if answer.status != 200:
            raise RuntimeError(f"GET {path}: {answer.body.decode()}")
        return answer.json()

    def delete(self, path: str) -> None:
        answer = self.control.api(path, "DELETE")
        if answer.status not in (200, 202, 404):
            raise RuntimeError(f"DELETE {path}: {answer.body.decode()}")

    def restart_api_server(self) -> None:
        """Every connection to it ends, and for a moment nobody listens."""
        process = self.control._processes["kube-apiserver"]
        process.__exit__(None, None, None)
        process.__enter__()
        process.wait(lambda: answers(f"{self.control.url}/readyz", self.control.ca_file))


def kubeconfig(url: str, user: dict[str, object], ca_file: Path | None = None) -> dict[str, object]:
    cluster = {"server": url, **({"certificate-authority": str(ca_file)} if ca_file else {})}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "main", "cluster": cluster}],
        "users": [{"name": "bot", "user": user}],
        "contexts": [{"name": "main", "context": {"cluster": "main", "user": "bot"}}],
        "current-context": "main",
    }


def manifest(path: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((MANIFESTS / path).read_text())
    return found


_running = ExitStack()


@cache
def plane() -> Plane:
    """Started by whoever needs it first."""
    return Plane(_running.enter_context(ControlPlane()))


def end() -> None:
    plane.cache_clear()
    _running.close()


@pytest.fixture(scope="session", autouse=True)
def ended_with_the_session() -> Iterator[None]:
    """Also in a worker, which leaves without the interpreter's own good-byes."""
    yield
    end()
