"""Where the real servers lie: one place, so that builder and tests cannot disagree."""

import hashlib
import os
import shutil
from pathlib import Path

FOLDER = Path(__file__).parent
LOCAL_SLACK = "0.1.8"
ADAPTIVE_CARDS = "3.0.6"

# What `go build` makes, the quick ones first; the versions stand in go.mod.
GO = {
    "etcd": "go.etcd.io/etcd/server/v3",
    "kube-scheduler": "k8s.io/kubernetes/cmd/kube-scheduler",
    "kubectl": "k8s.io/kubernetes/cmd/kubectl",
    "kwok": "sigs.k8s.io/kwok/cmd/kwok",
    "registry": "github.com/distribution/distribution/v3/cmd/registry",
    "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
    "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
}
# What Debian installs, by package.
DEBIAN = {"chromium": "chromium", "postgres": "postgresql", "openssl": "openssl"}
# Taken out of its Debian package: installing it would start it on all interfaces.
UNPACKED = "docker-registry"
# What a folder named by KUBEBUILDER_ASSETS holds.
ASSETS = ("etcd", "kube-apiserver", "kubectl")
POSTGRESQL = Path("/usr/lib/postgresql")
# Run and gone again; no server.
TOOLS = frozenset({"openssl"})


class Missing(Exception):
    """A server is not on this machine. The tests decide what that means, not the finder."""

    def __init__(self, name: str, hint: str) -> None:
        super().__init__(f"no {name} on this machine: {hint}")
        self.name = name
        self.hint = hint


def cache() -> Path:
    """Keyed by go.sum, so that an old binary is never taken for a new one."""
    key = hashlib.sha256((FOLDER / "go.sum").read_bytes()).hexdigest()[:16]
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "quarterdeck" / "servers" / key


def server(name: str) -> Path:
    """`make test` finds none, so that whoever needs one and does not say so by its mark is found out everywhere."""
    if os.environ.get("QUARTERDECK_SERVERS") == "none" and name not in TOOLS:
        raise Missing(name, f'pytest.mark.server("{name}")')
    path = _place(name)
    if path is None or not there(name):
        raise Missing(name, f"apt-get install {DEBIAN[name]}" if name in DEBIAN else "make servers")
    return path


def there(name: str) -> bool:
    path = _place(name)
    return path is not None and path.is_file()


def _place(name: str) -> Path | None:
    if name in GO:
        return _asset(name) or cache() / "bin" / name
    if name == UNPACKED:
        return cache() / "debian" / "usr" / "bin" / name
    if name == "local-slack":
        modules = cache() / f"local-slack-{LOCAL_SLACK}" / "node_modules"
        return modules / "local-slack-linux-x64" / "bin" / "local-slack"
    if name == "adaptivecards":
        return cache() / f"adaptivecards-{ADAPTIVE_CARDS}" / "node_modules/adaptivecards/dist/adaptivecards.min.js"
    found = shutil.which(name)
    return Path(found) if found else _postgresql(name)


def _asset(name: str) -> Path | None:
    folder = os.environ.get("KUBEBUILDER_ASSETS")
    path = Path(folder) / name if folder and name in ASSETS else None
    return path if path and path.is_file() else None


def _postgresql(name: str) -> Path | None:
    """Debian keeps PostgreSQL out of PATH, in one folder per major version; the newest wins."""
    found = POSTGRESQL.glob(f"*/bin/{name}")
    return max(found, key=lambda path: int(path.parts[-3]), default=None)
