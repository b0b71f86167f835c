"""Where the real servers lie: one place, so that builder and tests cannot disagree."""

import hashlib
import os
import shutil
from pathlib import Path

FOLDER = Path(__file__).parent
LOCAL_SLACK = "0.1.8"

# What `go build` makes; the versions stand in go.mod.
GO = {
    "etcd": "go.etcd.io/etcd/server/v3",
    "kube-scheduler": "k8s.io/kubernetes/cmd/kube-scheduler",
    "kubectl": "k8s.io/kubernetes/cmd/kubectl",
    "kwok": "sigs.k8s.io/kwok/cmd/kwok",
    "registry": "github.com/distribution/distribution/v3/cmd/registry",
    "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
    "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
}
# Program → Debian package.
DEBIAN = {"docker-registry": "docker-registry", "chromium": "chromium", "postgres": "postgresql"}
# What a folder named by KUBEBUILDER_ASSETS holds.
ASSETS = ("etcd", "kube-apiserver", "kubectl")
POSTGRESQL = "/usr/lib/postgresql"


class Missing(Exception):
    """A server is not on this machine. The tests decide what that means, not the finder."""

    def __init__(self, name: str, hint: str) -> None:
        super().__init__(f"no {name} here: {hint}")
        self.name = name
        self.hint = hint


def cache() -> Path:
    """Keyed by go.sum, so that an old binary is never taken for a new one."""
    key = hashlib.sha256((FOLDER / "go.sum").read_bytes()).hexdigest()[:16]
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "quarterdeck" / "servers" / key


def server(name: str) -> Path:
    path = _place(name)
    if path is None or not path.is_file():
        hint = f"apt-get install {DEBIAN[name]}" if name in DEBIAN else "make servers"
        raise Missing(name, hint)
    return path


def _place(name: str) -> Path | None:
    if name in GO:
        return _asset(name) or cache() / "bin" / name
    if name == "local-slack":
        modules = cache() / f"local-slack-{LOCAL_SLACK}" / "node_modules"
        return modules / "local-slack-linux-x64" / "bin" / "local-slack"
    found = shutil.which(name)
    return Path(found) if found else _postgresql(name)


def _asset(name: str) -> Path | None:
    folder = os.environ.get("KUBEBUILDER_ASSETS")
    path = Path(folder or "/nowhere") / name
    return path if folder and name in ASSETS and path.is_file() else None


def _postgresql(name: str) -> Path | None:
    """Debian keeps PostgreSQL out of PATH, in one folder per major version; the newest wins."""
    versions = sorted(Path(POSTGRESQL).glob(f"*/bin/{name}"), key=lambda p: float(p.parts[-3]))
    return versions[-1] if versions else None
