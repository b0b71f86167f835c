"""How each part of the control plane is told to be small and on loopback only."""

import json
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from tests.servers.certificates import Certificate
from tests.servers.find import server
from tests.servers.process import free_ports
from tests.servers.stages import stages
from tests.servers.wire import answers

Command = list[str | Path]

# For documentation (RFC 5737): no machine has it, nothing here connects to it. The
# API server refuses a loopback address and takes any other without looking.
ADVERTISED = "203.0.113.1"
ADMIN = "admin"
NEEDS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok", "kubectl")
# Their chatter stays out of the audit log; it is there for the verbs of others.
USERS = ("system:kube-controller-manager", "system:kube-scheduler", "kwok")
SILENT = [*USERS, "system:apiserver"]


@dataclass(frozen=True)
class Plan:
    """What the parts must agree on before the first of them starts."""

    folder: Path
    certificate: Certificate
    ports: dict[str, int]
    tokens: dict[str, str] = field(repr=False)

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.ports['kube-apiserver']}"

    def healthy(self, name: str) -> bool:
        """kwok listens nowhere: that it works is seen by the node's lease."""
        if name == "etcd":
            return answers(f"http://127.0.0.1:{self.ports[name]}/readyz")
        url = f"https://127.0.0.1:{self.ports.get(name)}/{'readyz' if 'api' in name else 'healthz'}"
        return name == "kwok" or answers(url, self.certificate.ca)

    def kubeconfig(self, user: str) -> Path:
        return self.folder / f"{user.replace(':', '-')}.kubeconfig"


def plan(folder: Path, certificate: Certificate) -> Plan:
    names = ("etcd", "peer", "kube-apiserver", "kube-controller-manager", "kube-scheduler")
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    tokens = {user: secrets.token_hex(16) for user in (ADMIN, *USERS)}
    made = Plan(folder, certificate, ports, tokens)
    lines = [f'{token},{user},{user},"system:masters"\n' for user, token in tokens.items()]
    (folder / "tokens.csv").write_text("".join(lines))
    (folder / "audit.yaml").write_text(json.dumps(_audit()))
    for user in tokens:
        made.kubeconfig(user).write_text(json.dumps(_kubeconfig(made, user)))
    return made


def _audit() -> dict[str, object]:
    rules = [{"level": "None", "users": SILENT}, {"level": "Metadata"}]
    head = {"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "omitStages": ["RequestReceived"]}
    return {**head, "rules": rules}


def _kubeconfig(made: Plan, user: str) -> dict[str, object]:
    cluster = {"server": made.url, "certificate-authority": str(made.certificate.ca)}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "quarterdeck", "cluster": cluster}],
        "users": [{"name": user, "user": {"token": made.tokens[user]}}],
        "contexts": [{"name": "quarterdeck", "context": {"cluster": "quarterdeck", "user": user}}],
        "current-context": "quarterdeck",
    }


def etcd(made: Plan) -> Command:
    """An election is soon over when one stands alone."""
    client, peer = (f"http://127.0.0.1:{made.ports[name]}" for name in ("etcd", "peer"))
    return [
        server("etcd"),
        "--unsafe-no-fsync",
        "--log-level=warn",
        "--heartbeat-interval=10",
        "--election-timeout=100",
        f"--data-dir={made.folder / 'etcd'}",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=default={peer}",
    ]


def api_server(made: Plan) -> Command:
    key = made.certificate.key
    return [
        server("kube-apiserver"),
        "--bind-address=127.0.0.1",
        f"--advertise-address={ADVERTISED}",
        f"--secure-port={made.ports['kube-apiserver']}",
        f"--etcd-servers=http://127.0.0.1:{made.ports['etcd']}",
        f"--tls-cert-file={made.certificate.chain}",
        f"--tls-private-key-file={key}",
        f"--token-auth-file={made.folder / 'tokens.csv'}",
        "--authorization-mode=RBAC",
        f"--service-account-key-file={made.certificate.chain}",
        f"--service-account-signing-key-file={key}",
        "--service-account-issuer=https://kubernetes.default.svc",
        "--service-cluster-ip-range=10.0.0.0/24",
        "--kubelet-preferred-address-types=InternalIP",
        f"--audit-policy-file={made.folder / 'audit.yaml'}",
        f"--audit-log-path={made.folder / 'audit.log'}",
    ]


def controllers(made: Plan) -> dict[str, Command]:
    (made.folder / "stages.yaml").write_text(stages())
    return {
        "kube-controller-manager": [
            *_controller(made, "kube-controller-manager"),
            "--controllers=*,-token-cleaner-controller,-bootstrap-signer-controller",
            f"--service-account-private-key-file={made.certificate.key}",
            f"--root-ca-file={made.certificate.ca}",
            "--horizontal-pod-autoscaler-sync-period=1s",
        ],
        "kube-scheduler": _controller(made, "kube-scheduler"),
        "kwok": _kwok(made),
    }


def _controller(made: Plan, name: str) -> Command:
    return [
        server(name),
        f"--kubeconfig={made.kubeconfig(f'system:{name}')}",
        "--bind-address=127.0.0.1",
        f"--secure-port={made.ports[name]}",
        f"--tls-cert-file={made.certificate.chain}",
        f"--tls-private-key-file={made.certificate.key}",
        "--leader-elect=false",
        "--kube-api-qps=1000",
        "--kube-api-burst=1000",
    ]


def _kwok(made: Plan) -> Command:
    """No server address and no node port: it listens nowhere."""
    return [
        server("kwok"),
        "--manage-all-nodes",
        "--node-lease-duration-seconds=40",
        f"--config={made.folder / 'stages.yaml'}",
        f"--kubeconfig={made.kubeconfig('kwok')}",
    ]


def node(name: str, architecture: str, kubelet_port: int) -> dict[str, object]:
    room = {"cpu": "1k", "memory": "1Ti", "pods": "100k"}
    info = {"architecture": architecture, "operatingSystem": "linux", "kubeletVersion": "v1.36.3"}
    return {
        "metadata": {"name": name, "labels": {"kubernetes.io/arch": architecture}},
        "spec": {"podCIDR": "10.128.0.0/16"},
        "status": {
            "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}],
            "allocatable": room,
            "capacity": room,
            "daemonEndpoints": {"kubeletEndpoint": {"Port": kubelet_port}},
            "nodeInfo": info,
        },
    }
