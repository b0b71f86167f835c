"""`quarterdeck check --live`, as whoever installs the bot sees it."""

import subprocess
import sys
from pathlib import Path

from tests.cluster.plane import Plane
from tests.contract.kubernetes_kit import KubernetesKit

CONFIG = """
clusters: {{main: {{kubeconfig: {kubeconfig}, {more}}}}}
environments: {{staging: {{cluster: main, namespace: {namespace}}}}}
"""


def check_live(
    folder: Path, kubeconfig: Path | None, namespace: str, more: str = "scope: namespace"
) -> subprocess.CompletedProcess[str]:
    config = folder / "bot.yaml"
    config.write_text(CONFIG.format(kubeconfig=kubeconfig, namespace=namespace, more=more))
    command = [sys.executable, "-m", "bot", "check", "--config", str(config), "--live"]
    return subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)


def test_with_the_role_of_k8s_every_order_can_be_carried_out(real: Plane, kit: KubernetesKit, tmp_path: Path) -> None:
    done = check_live(tmp_path, real.access.kubeconfig, kit.namespace)
    assert (done.returncode, done.stderr) == (0, "")
    assert "✓ Every order can be carried out everywhere." in done.stdout


def test_without_a_role_each_missing_right_is_named(real: Plane, tmp_path: Path) -> None:
    done = check_live(tmp_path, real.access.kubeconfig, "default")
    assert done.returncode == 1
    assert "patch deployments" in done.stdout
    assert done.stderr == ""
