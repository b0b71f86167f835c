"""With whose rights: a pod's own account as it is mounted, and a kubeconfig of several contexts."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from kubernetes.config import incluster_config

from bot.cluster.kubernetes import Access, KubernetesCluster
from bot.core.errors import Unavailable
from tests.cluster.plane import Plane, kubeconfig
from tests.contract.cluster_kit import ENVIRONMENT, Wanted
from tests.contract.kubernetes_kit import KubernetesKit


class Wall:
    """The library's clock."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now() + self.ahead  # noqa: DTZ005 - as the library asks it


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    wall = Wall()
    monkeypatch.setattr(incluster_config, "datetime", SimpleNamespace(datetime=wall, timedelta=timedelta))
    return wall


@pytest.fixture
def mounted(real: Plane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """As a kubelet puts it into every pod."""
    place = urlsplit(real.control.url)
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", str(place.hostname))
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", str(place.port))
    (tmp_path / "token").write_text(real.token)
    (tmp_path / "ca.crt").write_text(real.control.ca_file.read_text())
    return tmp_path


@pytest.fixture
def inside(mounted: Path) -> Iterator[KubernetesCluster]:
    cluster = KubernetesCluster("main", Access(mounted=mounted))
    yield cluster
    cluster.stop()


def looks(cluster: KubernetesCluster, kit: KubernetesKit) -> str:
    return cluster.find(ENVIRONMENT, kit.namespace, "adder").target.name


def test_a_pod_works_with_its_own_account(inside: KubernetesCluster, kit: KubernetesKit) -> None:
    kit.create(Wanted(replicas=1))
    assert looks(inside, kit) == "adder"
    assert all(p.allowed for p in inside.permissions([kit.namespace]))


def test_a_token_that_is_written_anew_is_read_anew(
    inside: KubernetesCluster, kit: KubernetesKit, mounted: Path, wall: Wall
) -> None:
    kit.create(Wanted(replicas=1))
    looks(inside, kit)
    (mounted / "token").write_text("not-a-token")
    assert looks(inside, kit) == "adder"
    wall.ahead += timedelta(seconds=61)
    with pytest.raises(Unavailable, match="does not know who the bot is"):
        looks(inside, kit)
    (mounted / "token").write_text(kit._plane.control.token_for("quarterdeck", "quarterdeck"))
    wall.ahead += timedelta(seconds=61)
    assert looks(inside, kit) == "adder"


def test_without_a_mounted_account_it_is_said(mounted: Path, kit: KubernetesKit) -> None:
    (mounted / "token").unlink()
    cluster = KubernetesCluster("main", Access(mounted=mounted))
    with pytest.raises(Unavailable) as refused:
        looks(cluster, kit)
    assert refused.value.fact == "the pod's own account: Service token file does not exist."


def test_the_context_that_is_named_is_the_one_that_is_used(real: Plane, kit: KubernetesKit, tmp_path: Path) -> None:
    kit.create(Wanted(replicas=1))
    found = json.loads(json.dumps(kubeconfig(real.control.url, {"token": real.token}, real.control.ca_file)))
    found["users"].append({"name": "nobody", "user": {"token": "not-a-token"}})
    found["contexts"].append({"name": "other", "context": {"cluster": "main", "user": "nobody"}})
    path = tmp_path / "kubeconfig"
    path.write_text(json.dumps({**found, "current-context": "other"}))
    named, current, unknown = (
        KubernetesCluster("main", Access(path, context)) for context in ("main", None, "elsewhere")
    )
    assert looks(named, kit) == "adder"
    with pytest.raises(Unavailable, match="does not know who the bot is"):
        looks(current, kit)
    with pytest.raises(Unavailable) as refused:
        looks(unknown, kit)
    assert "elsewhere" in refused.value.fact
    for cluster in (named, current, unknown):
        cluster.stop()
