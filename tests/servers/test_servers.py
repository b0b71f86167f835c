"""The real servers are what the other suites lean on: they start, fail and end as promised."""

import json
import socket
import ssl
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import pytest

from tests.servers.certificates import issue
from tests.servers.control_plane import ControlPlane
from tests.servers.find import Missing, server
from tests.servers.kubelet import Kubelet
from tests.servers.process import DidNotStart, Process, free_ports, until
from tests.servers.registry import MANIFEST, Registry
from tests.servers.require import or_skip
from tests.servers.slack import LocalSlack
from tests.servers.wire import Answer

WORDS = ("missing", "crash-3", "oom", "unready", "slow")
NOT_FOUND = (
    'rpc error: code = NotFound desc = failed to pull and unpack image "r.test/app:missing": '
    "failed to resolve image: r.test/app:missing: not found"
)


@pytest.fixture(scope="module")
def cluster() -> Iterator[ControlPlane]:
    """Ended, nothing of it is left: no process, no file."""
    with or_skip(), ControlPlane() as cluster:
        folder = cluster.kubeconfig.parent
        assert _mentioned(folder)
        yield cluster
    assert not folder.exists()
    assert not _mentioned(folder)


@pytest.fixture(scope="module")
def namespace(cluster: ControlPlane) -> str:
    """With one Deployment for each word, all under way at once."""
    name = cluster.create_namespace()
    for word in WORDS:
        image = f"--image=r.test/app:{word}"
        cluster.kubectl("create", "deployment", word, image, "--namespace", name)
    return name


class Pod:
    """The one pod of a Deployment, seen anew each time."""

    def __init__(self, cluster: ControlPlane, namespace: str, word: str) -> None:
        self._cluster, self._word = cluster, word
        self._path = f"/api/v1/namespaces/{namespace}"

    def status(self) -> dict[str, Any]:
        path = f"{self._path}/pods?labelSelector=app={self._word}"
        pods: list[dict[str, Any]] = self._cluster.api(path).json()["items"]
        return pods[0]["status"] if pods else {}

    def waits_for(self, condition: Callable[[dict[str, Any]], bool]) -> tuple[Any, Any]:
        """One look that satisfies it: the pod's status, and its container's."""
        seen: list[tuple[dict[str, Any], dict[str, Any]]] = []

        def look() -> bool:
            status = self.status()
            seen.append((status, status.get("containerStatuses", [{}])[0]))
            return bool(seen[-1][1]) and condition(seen[-1][1])

        until(look, self._word)
        return seen[-1]

    def waits_for_reason(self, reason: str) -> dict[str, Any]:
        found = self.waits_for(lambda one: _state(one).get("reason") == reason)
        return _state(found[1])

    def events(self) -> set[tuple[str, str, str]]:
        found = self._cluster.api(f"{self._path}/events").json()["items"]
        mine = [one for one in found if one["involvedObject"]["name"].startswith(f"{self._word}-")]
        return {(one["type"], one["reason"], one["message"]) for one in mine}


def _state(container: dict[str, Any]) -> dict[str, Any]:
    state: dict[str, Any] = next(iter(container["state"].values()))
    return state


@pytest.fixture
def pod(cluster: ControlPlane, namespace: str, request: pytest.FixtureRequest) -> Pod:
    return Pod(cluster, namespace, request.param)


def of(word: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("pod", [word], indirect=True)


def test_rolls_out_three_replicas(cluster: ControlPlane) -> None:
    place = ("--namespace", cluster.create_namespace())
    cluster.kubectl("create", "deployment", "web", "--image=web:1", "--replicas=3", *place)
    said = cluster.kubectl("rollout", "status", "deployment/web", "--timeout=20s", *place)
    assert 'deployment "web" successfully rolled out' in said


@of("missing")
def test_missing_cannot_be_pulled(pod: Pod) -> None:
    assert pod.waits_for_reason("ErrImagePull")["message"] == NOT_FOUND
    again = 'Back-off pulling image "r.test/app:missing"'
    said = pod.waits_for_reason("ImagePullBackOff")["message"]
    assert said == f"{again}: ErrImagePull: {NOT_FOUND}"
    assert pod.events() >= {
        ("Warning", "Failed", f'Failed to pull image "r.test/app:missing": {NOT_FOUND}'),
        ("Warning", "Failed", "Error: ErrImagePull"),
        ("Normal", "BackOff", again),
        ("Warning", "Failed", "Error: ImagePullBackOff"),
    }
    assert pod.status()["phase"] == "Pending"


@of("crash-3")
def test_crash_restarts_and_mostly_says_error(pod: Pod) -> None:
    def died_again(container: dict[str, Any]) -> bool:
        return container["restartCount"] >= 1 and "terminated" in container["state"]

    status, container = pod.waits_for(died_again)
    for state in (container["state"], container["lastState"]):
        assert (state["terminated"]["exitCode"], state["terminated"]["reason"]) == (3, "Error")
    ready = next(one for one in status["conditions"] if one["type"] == "Ready")
    assert ready["message"] == "containers with unready status: [app]"
    assert "BackOff" in {reason for _, reason, _ in pod.events()}


@of("oom")
def test_oom_is_killed(pod: Pod) -> None:
    assert pod.waits_for_reason("OOMKilled")["exitCode"] == 137


@of("unready")
def test_unready_runs_and_only_an_event_says_why(pod: Pod) -> None:
    said = "Readiness probe failed: HTTP probe failed with statuscode: 404"
    until(lambda: ("Warning", "Unhealthy", said) in pod.events(), "Unhealthy")
    pod.waits_for(lambda one: "running" in one["state"] and not one["ready"])


@of("slow")
def test_slow_is_ready_in_the_end(pod: Pod) -> None:
    pod.waits_for(lambda one: bool(one["ready"]))


def test_logs_of_a_crash(cluster: ControlPlane, namespace: str) -> None:
    logs = ("logs", "deployment/crash-3", "--namespace", namespace)
    until(lambda: "panic" in cluster.kubectl(*logs), "the last words")
    assert cluster.kubectl(*logs, "--tail=1") in {"panic: no database\n", "starting\n"}
    with pytest.raises(RuntimeError, match="is waiting to start: "):
        cluster.kubectl("logs", "deployment/missing", "--namespace", namespace)


def test_a_service_account_has_its_own_rights_and_leaves_its_verbs(cluster: ControlPlane) -> None:
    name = cluster.create_namespace()
    token = cluster.token_for(name, "default")
    with pytest.raises(RuntimeError, match="Forbidden"):
        cluster.kubectl("get", "pods", "--namespace", name, "--token", token)
    user = f"system:serviceaccount:{name}:default"
    records = map(json.loads, cluster.audit_log.read_text().splitlines())
    assert "list" in {record["verb"] for record in records if record["user"].get("username") == user}


def test_half_a_start_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "kube-apiserver"
    broken.write_text("#!/bin/sh\necho no such flag; exit 2\n")
    broken.chmod(0o755)
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(DidNotStart, match=r"ended with 2\n.*no such flag"), or_skip(), ControlPlane():
        pass
    assert list(tmp_path.iterdir()) == [broken]
    assert not _mentioned(tmp_path)


def test_a_server_that_does_not_start_says_why(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit('no such luck')"]
    with (
        pytest.raises(DidNotStart, match=r"broken: ended with 1\n.*no such luck"),
        Process("broken", command, tmp_path) as process,
    ):
        process.wait(lambda: False)


def test_a_missing_server_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(Missing, match="no kwok on this machine: make servers"):
        server("kwok")


def test_a_kubelet_serves_and_ends_though_somebody_only_holds_the_line(tmp_path: Path) -> None:
    with or_skip():
        certificate = issue(tmp_path)
    with Kubelet(certificate, lambda path: Answer(404, {}, b"{}")) as kubelet:
        address = ("127.0.0.1", kubelet.server_port)
        with socket.create_connection(address), socket.create_connection(address, 30) as other:
            client = ssl.create_default_context(cafile=str(certificate.ca))
            client.wrap_socket(other, server_hostname="localhost").close()


def test_a_port_that_was_given_is_had_by_whoever_names_it_and_by_nobody_else() -> None:
    port = free_ports(1)[0]
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind(("127.0.0.1", port))
    for _ in ("a start", "another"):
        socket.create_server(("127.0.0.1", port)).close()


@pytest.mark.parametrize("program", ["registry", "docker-registry"])
def test_registry_pushes_and_pulls(program: Literal["registry", "docker-registry"]) -> None:
    at = datetime(2026, 11, 20, tzinfo=UTC)
    with or_skip(), Registry(program) as registry:
        digest = registry.push("team/app", "v1", created=at, labels={"revision": "3f2a91c"})
        assert registry.push("team/app", "v2", created=at, labels={"revision": "3f2a91c"}) == digest
        assert registry.push("team/app", "v3") != digest
        pulled = registry.ask("/v2/team/app/manifests/v1", headers={"Accept": MANIFEST})
        config = pulled.json()["config"]["digest"]
        blob = registry.ask(f"/v2/team/app/blobs/{config}").json()
    assert pulled.headers["docker-content-digest"] == digest
    assert blob["config"]["Labels"] == {"revision": "3f2a91c"} and blob["architecture"] == "amd64"


@pytest.mark.parametrize("program", ["registry", "docker-registry"])
def test_registry_with_password_and_tls(program: Literal["registry", "docker-registry"]) -> None:
    with or_skip(), Registry(program, password=True, tls=True) as registry:
        assert registry.ask("/v2/", headers={"Authorization": ""}).status == 401
        assert registry.push("app", "v1").startswith("sha256:")


def test_slack_posts_and_only_loopback_reaches_it() -> None:
    with or_skip(), LocalSlack() as slack:
        said = {"channel": "C01GENERAL", "user": "U01ANN", "text": "ahoy"}
        slack.control("message", said)
        [message] = slack.control("messages/C01GENERAL")["messages"]
        assert message["text"] == "ahoy"
        port = slack.url.rpartition(":")[2]
        assert _listeners(int(port)) == {"0100007F"}
        assert _runs(server("local-slack"), port)
    assert not _runs(server("local-slack"), port)


def _listeners(port: int) -> set[str]:
    """The addresses, in the kernel's hexadecimal, of everything that listens there."""
    tables = Path("/proc/net/tcp").read_text() + Path("/proc/net/tcp6").read_text()
    rows = [line.split() for line in tables.splitlines() if line.split()[3] == "0A"]
    return {row[1].split(":")[0] for row in rows if row[1].endswith(f":{port:04X}")}


def _mentioned(path: Path) -> bool:
    """Whether a process that runs has it in its command line."""
    return any(str(path).encode() in _command(one) for one in Path("/proc").glob("[0-9]*"))


def _runs(program: Path, port: str) -> bool:
    """This one: other tests may have one of their own at the same time."""
    words = {str(program).encode(), port.encode()}
    return any(words <= set(_command(one).split(b"\0")) for one in Path("/proc").glob("[0-9]*"))


def _command(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except OSError:
        return b""
