"""A real Kubernetes on loopback: API server, controllers, scheduler, and a hollow node.

Everything it writes lies in a temporary folder and every process it starts is ended,
also when one of them does not start.
"""

import json
import secrets
import subprocess
import tempfile
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from tests.servers import components
from tests.servers.certificates import issue
from tests.servers.components import Command, Plan
from tests.servers.find import server
from tests.servers.kubelet import Kubelet
from tests.servers.process import Process
from tests.servers.stacked import Stacked
from tests.servers.wire import Answer, ask

NODE = "node1"


class ControlPlane(Stacked):
    """`with ControlPlane() as cluster:`; what it exposes is there inside the block."""

    url: str
    ca_file: Path
    admin_token: str
    kubeconfig: Path
    audit_log: Path

    def __init__(self) -> None:
        super().__init__()
        self._processes: dict[str, Process] = {}
        self._kubelet_port = 0

    def kubectl(self, *args: str, stdin: str = "") -> str:
        """What kubectl prints; what it refuses is in the error."""
        cache = f"--cache-dir={self.kubeconfig.parent / 'cache'}"
        command = [str(server("kubectl")), f"--kubeconfig={self.kubeconfig}", cache, *args]
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=60)
        if done.returncode:
            raise RuntimeError(f"kubectl {' '.join(args)}: {done.stderr.strip()}")
        return done.stdout

    def api(self, path: str, method: str = "GET", body: object = None) -> Answer:
        """As the administrator, without the cost of a kubectl."""
        headers = {"Authorization": f"Bearer {self.admin_token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        return ask(self.url + path, method, data, headers, self.ca_file)

    def create_namespace(self) -> str:
        """With its default ServiceAccount, before which no pod is admitted."""
        name = f"test-{secrets.token_hex(4)}"
        self._create("/api/v1/namespaces", {"metadata": {"name": name}})
        account = f"/api/v1/namespaces/{name}/serviceaccounts/default"
        self._processes["kube-controller-manager"].wait(lambda: self.api(account).status == 200)
        return name

    def create_node(self, name: str, architecture: str = "amd64") -> None:
        """A hollow one, there when the taint that every new node has is gone."""
        self._create("/api/v1/nodes", components.node(name, architecture, self._kubelet_port))
        spec = partial(self._read, f"/api/v1/nodes/{name}", "spec")
        self._processes["kwok"].wait(lambda: "taints" not in spec())

    def token_for(self, namespace: str, service_account: str) -> str:
        """Acts with that ServiceAccount's own rights."""
        path = f"/api/v1/namespaces/{namespace}/serviceaccounts/{service_account}/token"
        answer = self._create(path, {"spec": {"expirationSeconds": 86400}})
        return str(answer["status"]["token"])

    def _create(self, path: str, body: dict[str, Any]) -> Any:
        answer = self.api(path, "POST", body)
        if answer.status != 201:
            raise RuntimeError(f"POST {path}: {answer.body.decode()}")
        return answer.json()

    def _read(self, path: str, part: str) -> Any:
        return self.api(path).json()[part]

    def _start(self, stack: ExitStack) -> None:
        """In the order of need, so ended in the other: the API server before etcd."""
        for name in components.NEEDS:
            server(name)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="quarterdeck-")))
        plan = components.plan(folder, issue(folder))
        self._expose(plan)
        self._run(plan, stack, {"etcd": components.etcd(plan)})
        self._run(plan, stack, {"kube-apiserver": components.api_server(plan)})
        self._run(plan, stack, components.controllers(plan))
        kubelet = stack.enter_context(Kubelet(plan.certificate, self.api))
        self._kubelet_port = kubelet.server_port
        self.create_node(NODE)

    def _expose(self, plan: Plan) -> None:
        self.url, self.ca_file = plan.url, plan.certificate.ca
        self.admin_token = plan.tokens[components.ADMIN]
        self.kubeconfig = plan.kubeconfig(components.ADMIN)
        self.audit_log = plan.folder / "audit.log"

    def _run(self, plan: Plan, stack: ExitStack, commands: dict[str, Command]) -> None:
        """All of these at once: none of them waits for another."""
        for name, command in commands.items():
            process = Process(name, command, plan.folder)
            self._processes[name] = stack.enter_context(process)
        for name in commands:
            self._processes[name].wait(partial(plan.healthy, name))
