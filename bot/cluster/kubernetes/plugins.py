"""Exec plugins of a kubeconfig: programs that print credentials.

The library waits for one for ever, and where it fails goes on as nobody, so that the server's refusal names the wrong
cause. Here it has so long, nobody to ask, and its own words where it fails.
"""

import base64
import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kubernetes.config.config_exception import ConfigException
from kubernetes.config.dateutil import parse_rfc3339
from kubernetes.config.exec_provider import ExecProvider
from kubernetes.config.kube_config import KubeConfigLoader


class Loader(KubeConfigLoader):
    patience: float

    def _load_from_exec_plugin(self) -> bool | None:
        user: Any = self._user
        cluster: Any = self._cluster
        if "exec" not in user:
            return None
        folder = self._get_base_path(cluster.path)  # type: ignore[no-untyped-call]
        status = run(ExecProvider(user["exec"], folder, cluster), self.patience)  # type: ignore[no-untyped-call]
        if "expirationTimestamp" in status:
            self.expiry = parse_rfc3339(status["expirationTimestamp"])  # type: ignore[no-untyped-call]
        if "token" in status:
            self.token = f"Bearer {status['token']}"
            return True
        for name, key in (("client-certificate", "clientCertificateData"), ("client-key", "clientKeyData")):
            if key not in status:
                raise ConfigException(f"exec: neither a token nor a {name} in what the plugin printed")
            user.value[f"{name}-data"] = base64.b64encode(status[key].encode()).decode()
        return True


def run(provider: ExecProvider, patience: float) -> Mapping[str, Any]:
    """What it printed is never told: it may be half a secret."""
    name = Path(provider.args[0]).name
    cluster: Any = provider.cluster
    spec = {"interactive": False, **({"cluster": cluster.value} if cluster else {})}
    asked = {"apiVersion": provider.api_version, "kind": "ExecCredential", "spec": spec}
    environment = {**provider.env, "KUBERNETES_EXEC_INFO": json.dumps(asked)}
    try:
        done = subprocess.run(  # noqa: S603 - what the kubeconfig names is run, as kubectl runs it
            provider.args,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            cwd=provider.cwd,
            env=environment,
            timeout=patience,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ConfigException(f"exec: {name} gave no answer in {patience:g} s") from None
    if done.returncode:
        said = " ".join(done.stderr.split())
        raise ConfigException(f"exec: {name} ended with {done.returncode}{f': {said}' if said else ''}")
    return _status(name, provider.api_version, done.stdout)


def _status(name: str, version: str, printed: str) -> Mapping[str, Any]:
    try:
        credential = json.loads(printed)
    except ValueError:
        raise ConfigException(f"exec: {name} printed no JSON") from None
    status = credential.get("status") if isinstance(credential, dict) else None
    if not isinstance(status, dict) or credential.get("kind") != "ExecCredential":
        raise ConfigException(f"exec: {name} printed no ExecCredential with a status")
    if credential.get("apiVersion") != version:
        raise ConfigException(f"exec: {name} speaks {credential.get('apiVersion')}, the kubeconfig wants {version}")
    return status
