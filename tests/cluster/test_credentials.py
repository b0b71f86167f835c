"""Credentials that a plugin, a file or a kubeconfig does not give: said plainly, in time, and without telling them."""

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from bot.cluster.kubernetes import Access, KubernetesCluster
from bot.core.errors import Unavailable
from bot.core.workload import Kind
from tests.cluster.double import double, listing, refusal
from tests.cluster.plane import Plane, kubeconfig
from tests.contract.cluster_kit import ENVIRONMENT, Wanted
from tests.contract.kubernetes_kit import KubernetesKit

VERSION = "client.authentication.k8s.io/v1"


def asked(path: Path, kind: Kind | None = None) -> Unavailable:
    cluster = KubernetesCluster("main", Access(path))
    with pytest.raises(Unavailable) as refused:
        cluster.find("staging", "micro", "adder", kind)
    cluster.stop()
    return refused.value


def with_plugin(folder: Path, script: str, url: str = "http://127.0.0.1:9") -> Path:
    program = folder / "give-token"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    path = folder / "kubeconfig"
    path.write_text(json.dumps(kubeconfig(url, {"exec": {"apiVersion": VERSION, "command": str(program)}})))
    return path


def credential(**status: object) -> str:
    return json.dumps({"apiVersion": VERSION, "kind": "ExecCredential", "status": status})


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("echo you are logged out >&2; exit 3", "give-token ended with 3: you are logged out"),
        ("echo hunter2", "give-token printed no JSON"),
        ("echo '[\"hunter2\"]'", "give-token printed no ExecCredential with a status"),
        (f"echo '{credential(password='hunter2')}'", "neither a token nor a client-certificate"),
        (f"echo '{credential(token='hunter2').replace('/v1', '/v1beta1')}'", "the kubeconfig wants"),
        ("printf '\\377\\376'", "give-token printed no JSON"),
        ("exec cat", "give-token printed no JSON"),
    ],
)
def test_a_plugin_that_fails_is_the_cause(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, script: str, words: str
) -> None:
    """Not the refusal of a server that was asked as nobody; and what it printed is in no message and no log."""
    with caplog.at_level(logging.DEBUG):
        said = asked(with_plugin(tmp_path, script))
    assert said.sentence == "There is no way into the cluster main."
    assert words in said.fact
    assert "hunter2" not in said.fact + caplog.text


def test_a_plugin_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = with_plugin(tmp_path, "")
    (tmp_path / "give-token").unlink()
    assert "give-token" in asked(path).fact


def test_a_plugin_that_hangs_is_given_up_and_not_by_everybody_in_turn(tmp_path: Path) -> None:
    path = with_plugin(tmp_path, f"echo once >> {tmp_path}/runs; exec sleep 600")
    cluster = KubernetesCluster("main", Access(path, patience=2.0))

    def fact(_: int) -> str:
        with pytest.raises(Unavailable) as refused:
            cluster.find("staging", "micro", "adder")
        return refused.value.fact

    with ThreadPoolExecutor(8) as crew:
        said = set(crew.map(fact, range(8)))
    assert said == {f"{path}: exec: give-token gave no answer in 2 s"}
    assert (tmp_path / "runs").read_text().count("once") < 8


def test_a_plugin_may_give_a_certificate(real: Plane, tmp_path: Path) -> None:
    """Which this server signed for nobody: it is shown, and not known."""
    chain, key = (real.control.ca_file.parent / name for name in ("server.crt", "server.key"))
    given = credential(clientCertificateData=chain.read_text(), clientKeyData=key.read_text())
    (tmp_path / "given.json").write_text(given)
    path = with_plugin(tmp_path, f"cat {tmp_path}/given.json", real.control.url)
    found: Any = json.loads(path.read_text())
    found["clusters"][0]["cluster"]["certificate-authority"] = str(real.control.ca_file)
    path.write_text(json.dumps(found))
    cluster = KubernetesCluster("main", Access(path))
    with pytest.raises(Exception, match=r"may not get|does not know who the bot is"):
        cluster.find("staging", "kube-system", "coredns")
    cluster.stop()


def test_a_token_file_that_is_written_anew_is_read_anew(real: Plane, kit: KubernetesKit, tmp_path: Path) -> None:
    kit.create(Wanted(replicas=1))
    token = tmp_path / "token"
    token.write_text("of-yesterday")
    cluster = KubernetesCluster("main", real.access_at(real.control.url, {"tokenFile": str(token)}))
    with pytest.raises(Unavailable, match="does not know who the bot is"):
        cluster.find(ENVIRONMENT, kit.namespace, "adder")
    token.write_text(f"{real.token}\n")
    assert cluster.find(ENVIRONMENT, kit.namespace, "adder").target.name == "adder"
    cluster.stop()


def test_a_token_that_was_good_is_asked_for_anew_and_one_that_never_was_is_not(tmp_path: Path) -> None:
    with double(tmp_path) as (server, _):
        script = f"echo once >> {tmp_path}/runs; echo '{credential(token='hunter2')}'"
        path = with_plugin(tmp_path, script, f"http://127.0.0.1:{server.server_port}")
        unknown = refusal(401, "Unauthorized", "Unauthorized")
        server.answer("deployments", unknown, listing(), unknown, listing())
        assert asked(path, Kind.DEPLOYMENT).sentence == "The cluster main does not know who the bot is."
        assert runs(tmp_path) == 1
        cluster = KubernetesCluster("main", Access(path))
        assert cluster.workloads("staging", "micro") == []
        assert runs(tmp_path) == 2
        assert cluster.workloads("staging", "micro") == []
        assert runs(tmp_path) == 3
        cluster.stop()


def runs(folder: Path) -> int:
    return (folder / "runs").read_text().count("once")


def mistaken(folder: Path, **cluster: object) -> Path:
    path = folder / "kubeconfig"
    found: Any = json.loads(json.dumps(kubeconfig("https://127.0.0.1:9", {"token": "hunter2"})))
    found["clusters"][0]["cluster"].update(cluster)
    path.write_text(json.dumps(found))
    return path


@pytest.mark.parametrize(
    ("cluster", "words"),
    [
        ({"server": "no url"}, "the server 'no url' is no address"),
        ({"server": ""}, "the server '' is no address"),
        ({"server": "https://127.0.0.1:notaport"}, "notaport"),
        ({"certificate-authority": "/nowhere/ca.crt"}, "/nowhere/ca.crt"),
        ({"proxy-url": "http://127.0.0.1:7"}, "unable to connect to proxy: 127.0.0.1:7: "),
        ({}, "127.0.0.1:9: failed to establish a new connection: [errno 111] connection refused"),
    ],
)
def test_a_mistake_in_a_kubeconfig_is_named(tmp_path: Path, cluster: dict[str, object], words: str) -> None:
    said = asked(mistaken(tmp_path, **cluster))
    assert words in said.fact.lower()
    assert "hunter2" not in said.fact


@pytest.mark.parametrize("authority", ["!!!", "aGVsbG8="])
def test_an_authority_that_is_none(real: Plane, tmp_path: Path, authority: str) -> None:
    said = asked(mistaken(tmp_path, server=real.control.url, **{"certificate-authority-data": authority}))
    assert "certificate" in said.fact.lower()


def test_a_server_that_is_signed_by_another_authority(real: Plane, tmp_path: Path) -> None:
    said = asked(mistaken(tmp_path, server=real.control.url))
    assert said.sentence == "The cluster main cannot be reached."
    assert "certificate verify failed" in said.fact


def test_plain_http_to_a_server_that_speaks_tls(real: Plane, tmp_path: Path) -> None:
    path = mistaken(tmp_path, server=real.control.url.replace("https", "http"))
    cluster = KubernetesCluster("main", Access(path))
    with pytest.raises(Exception, match=r"refuses it") as refused:
        cluster.find("staging", "micro", "adder")
    assert "HTTP request to an HTTPS server" in str(vars(refused.value))
    cluster.stop()


def test_a_token_with_the_line_end_of_its_file_is_a_token(real: Plane, kit: KubernetesKit) -> None:
    kit.create(Wanted(replicas=1))
    cluster = KubernetesCluster("main", real.access_at(real.control.url, {"token": f"{real.token}\n"}))
    assert cluster.find(ENVIRONMENT, kit.namespace, "adder").target.name == "adder"
    cluster.stop()


@pytest.mark.parametrize("token", ["hunter2\r\nX-Other: 1", "hünter2✓"])
def test_a_token_that_no_header_takes_is_shown_to_nobody(tmp_path: Path, token: str) -> None:
    with double(tmp_path) as (server, _):
        server.answer("", listing())
        path = tmp_path / "kubeconfig"
        path.write_text(json.dumps(kubeconfig(f"http://127.0.0.1:{server.server_port}", {"token": token})))
        said = asked(path)
    assert said.sentence == "The credentials for the cluster main cannot be had."
    assert "nter2" not in said.sentence + said.fact + said.hint
