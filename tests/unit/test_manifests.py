"""Templates: what they may hold, what becomes of old ones, and how they are filled."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.core.errors import Refused
from bot.core.manifests import Values, containers, filled, manifest, with_image
from config import ConfigError, Settings, load

VALUES = Values("adder", "micro", "r/adder:2@sha256:ab", 8080)
FILE = "deployment.yaml"


def deployment(**changes: Any) -> dict[str, Any]:
    pod = {"metadata": {"labels": {"app": "_NAME_"}}, "spec": {"containers": [{"name": "app", "image": "_IMAGE_"}]}}
    spec = {"selector": {"matchLabels": {"app": "_NAME_"}}, "template": pod}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "_NAME_"}, "spec": spec, **changes}


def test_every_place_is_filled_and_a_port_is_a_number_only_where_one_belongs() -> None:
    body = deployment()
    body["spec"]["template"]["spec"]["containers"][0] |= {
        "ports": [{"containerPort": "_PORT_"}],
        "args": ["--listen=:_PORT_", "--as=_NAME_._NAMESPACE_"],
        "env": [{"name": "PORT", "value": "_PORT_"}],
    }
    found = filled(manifest(FILE, body), VALUES)
    container = found.body["spec"]["template"]["spec"]["containers"][0]
    assert container["ports"] == [{"containerPort": 8080}]
    assert container["args"] == ["--listen=:8080", "--as=adder.micro"]
    assert container["env"] == [{"name": "PORT", "value": "8080"}]
    assert container["image"] == VALUES.image
    assert (found.name, found.body["metadata"]["namespace"], str(found)) == ("adder", "micro", "Deployment adder")


def test_an_old_one_becomes_what_a_cluster_takes_and_says_so() -> None:
    body = deployment(apiVersion="extensions/v1beta1", status={"replicas": 1})
    del body["spec"]["selector"]
    body["spec"]["rollbackTo"] = {"revision": 0}
    body["metadata"] |= {"uid": "7", "creationTimestamp": None}
    found = manifest(FILE, body)
    assert found.body["apiVersion"] == "apps/v1"
    assert found.body["spec"]["selector"] == {"matchLabels": {"app": "_NAME_"}}
    assert found.note == ("deployment.yaml: extensions/v1beta1 became apps/v1, its selector came from its labels.")
    assert "rollbackTo" not in found.body["spec"]
    assert (found.body["metadata"], "status" in found.body) == ({"name": "_NAME_"}, False)
    assert manifest(FILE, deployment()).note == ""


def test_another_namespace_is_refused() -> None:
    body = deployment(metadata={"name": "_NAME_", "namespace": "elsewhere"})
    with pytest.raises(Refused, match=r"deployment.yaml is for the namespace elsewhere"):
        filled(manifest(FILE, body), VALUES)
    own = deployment(metadata={"name": "_NAME_", "namespace": "_NAMESPACE_"})
    assert filled(manifest(FILE, own), VALUES).body["metadata"]["namespace"] == "micro"


def test_an_image_goes_to_its_container() -> None:
    found = with_image(filled(manifest(FILE, deployment()), VALUES), "app", "r/adder:3")
    assert [c.image for c in containers(found)] == ["r/adder:3"]


def test_a_list_of_something_else_is_no_manifest() -> None:
    wrong: list[object] = [None, [], "text", 7, {"kind": 7}, {"kind": "Deployment"}]
    for body in wrong:
        with pytest.raises(ValueError, match=r"kind|apiVersion"):
            manifest(FILE, body)


CONFIG = """
clusters: {main: {simulated: true}}
environments: {staging: {cluster: main, namespace: micro}}
services: {adder: {repository: r/adder, port: 8080, template: default}}
templates: {default: [t.yaml]}
"""
INGRESS = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: _NAME_}\n"
SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: _NAME_}\n"


def settings(folder: Path, text: str, config: str = CONFIG) -> Settings:
    (folder / "t.yaml").write_text(text)
    (folder / "bot.yaml").write_text(config)
    return load(folder / "bot.yaml", {})


def test_a_file_may_hold_several_documents(tmp_path: Path) -> None:
    text = yaml.safe_dump_all([deployment(), yaml.safe_load(SERVICE), None])
    found = settings(tmp_path, text).catalogue().templates["default"]
    assert [str(m) for m in found] == ["Deployment _NAME_", "Service _NAME_"]


def test_it_is_read_as_kubernetes_reads_it(tmp_path: Path) -> None:
    body = deployment(metadata={"name": "_NAME_", "annotations": "HERE"})
    text = yaml.safe_dump(body).replace("HERE", "{a: 2026-11-20, b: 0644, c: yes}")
    (found,) = settings(tmp_path, text).catalogue().templates["default"]
    assert found.body["metadata"]["annotations"] == {"a": "2026-11-20", "b": 420, "c": True}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (INGRESS, 'templates.default[0]: "t.yaml" is not a template: it holds kind Ingress, and only Deployment'),
        (SERVICE, "templates.default: holds none of Deployment, StatefulSet, DaemonSet"),
        ("", 'templates.default[0]: "t.yaml" is not a template: it is empty'),
        ("a: [", 'templates.default[0]: "t.yaml" is not YAML that can be read'),
        ("a: &x 1\nb: *x", 'templates.default[0]: "t.yaml" is not a template: aliases'),
        ("kind: Deployment", 'templates.default[0]: "t.yaml" is not a template: its Deployment has no apiVersion'),
        ("!!python/object:os.system {}", 'templates.default[0]: "t.yaml" is not YAML that can be read'),
    ],
)
def test_what_is_wrong_with_one_is_told_at_the_start(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigError) as refused:
        settings(tmp_path, text)
    assert told in refused.value.fact


def test_a_template_makes_what_its_service_is(tmp_path: Path) -> None:
    body = deployment(metadata={"name": "_NAME_-worker"})
    with pytest.raises(ConfigError) as refused:
        settings(tmp_path, yaml.safe_dump(body))
    assert "services.adder.template: makes adder-worker, and the service is adder" in refused.value.fact


@pytest.mark.parametrize(
    ("gone", "told"),
    [
        ("port: 8080, ", "services.adder.port: is missing: the template default has _PORT_ in it"),
        ("repository: r/adder, ", "services.adder.repository: is missing: the image of a first deploy"),
    ],
)
def test_a_service_that_could_not_be_deployed_first_is_told(tmp_path: Path, gone: str, told: str) -> None:
    body = deployment()
    body["spec"]["template"]["spec"]["containers"][0]["ports"] = [{"containerPort": "_PORT_"}]
    with pytest.raises(ConfigError) as refused:
        settings(tmp_path, yaml.safe_dump(body), CONFIG.replace(gone, ""))
    assert told in refused.value.fact
