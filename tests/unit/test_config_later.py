"""Keys that are not enforced yet are refused, and their models are proven before they are let in."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from config import ConfigError, Settings
from config.check import check
from config.later import Later
from config.source import parse

BASE: dict[str, Any] = {
    "clusters": {"main": {"simulated": True}},
    "environments": {"staging": {"cluster": "main", "namespace": "m"}},
}
EXAMPLE: Later = {"clusters.*.mirror": "nothing is mirrored", "paging": "nobody is paged"}
FULL = """\
web: {host: 0.0.0.0, port: 8080, public_url: https://quarterdeck.example.com}
chat:
  slack: {mode: socket, bot_token: "${T}", app_token: "${T}", signing_secret: "${T}", api_url: https://slack.com/api/}
  webex: {token: "${T}", webhook_secret: "${T}", api_url: https://webexapis.com/v1/}
clusters:
  main: {in_cluster: true}
  other: {kubeconfig: kube.yaml, context: staging}
environments:
  staging: {cluster: main, namespace: micro-staging}
registries:
  myregistry:5000: {ca_file: ca.crt, username: bot, password: "${T}"}
  192.168.1.2:5000: {plain_http: true, aliases: ["registry.local:5000"]}
services:
  adderservice: {channel: {slack: C024BE91L, webex: Y2lz}, repository: r/adder, port: 8080, template: default}
templates: {default: [deployment.yaml]}
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: _NAME_}
spec:
  selector: {matchLabels: {app: _NAME_}}
  template:
    metadata: {labels: {app: _NAME_}}
    spec: {containers: [{name: app, image: _IMAGE_, ports: [{containerPort: _PORT_}]}]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("kube.yaml", "ca.crt"):
        (tmp_path / name).touch()
    (tmp_path / "deployment.yaml").write_text(DEPLOYMENT)
    return tmp_path


def full(text: str, folder: Path) -> Settings:
    return check(parse(text), {"T": "token"}, path=folder / "bot.yaml", later={})


def mistakes(text: str, folder: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        full(text, folder)
    return caught.value.fact.splitlines()


@pytest.mark.parametrize("pattern", EXAMPLE)
def test_each_is_refused_alone_and_says_nothing_else(pattern: str, tmp_path: Path) -> None:
    tree: dict[str, Any] = deepcopy(BASE)
    names = {"clusters": "main", "environments": "staging"}
    where = [names.get(pattern.split(".")[0], "x") if step == "*" else step for step in pattern.split(".")]
    node = tree
    for step in where[:-1]:
        node = node.setdefault(step, {})
    node[where[-1]] = {"anything": ["at", "${ALL}"]}
    with pytest.raises(ConfigError) as caught:
        check(parse(yaml.safe_dump(tree)), {}, path=tmp_path / "bot.yaml", later=EXAMPLE)
    told = [mistake.sentence for mistake in caught.value.mistakes if mistake.path == ".".join(where)]
    assert len(told) == 1
    assert f"is not enforced by this version ({EXAMPLE[pattern]}): remove it, or run" in told[0]
    assert not [m.path for m in caught.value.mistakes if m.path.startswith(".".join(where) + ".")]


def test_all_of_the_foundation_is_modelled(folder: Path) -> None:
    settings = full(FULL, folder)
    assert settings.clusters["other"].kubeconfig == folder / "kube.yaml"
    assert settings.registries["192.168.1.2:5000"].aliases == ("registry.local:5000",)
    (manifest,) = settings.catalogue().templates["default"]
    assert (manifest.file, manifest.kind, manifest.name) == ("deployment.yaml", "Deployment", "_NAME_")
    adder = settings.catalogue().services["adderservice"]
    assert (adder.channels, adder.port, adder.template) == ({"slack": "C024BE91L", "webex": "Y2lz"}, 8080, "default")


def test_a_role_names_a_channel_only_where_slack_looks_the_name_up(folder: Path) -> None:
    role = "roles: {r: {verbs: [deploy], people: [a@example.com], channels: [Y2lz, '#ops', dev]}}\n"
    without = "".join(line for line in FULL.splitlines(keepends=True) if not line.startswith("  slack:"))
    why = "is a name, and only Slack knows channels by names"
    found = mistakes(without + role, folder)
    assert [said.startswith(f"roles.r.channels[{n}]: {why}") for n, said in enumerate(found, 1)] == [True, True]
    assert len(mistakes(FULL + role + "nothing: 1\n", folder)) == 1


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("in_cluster: true", "in_cluster: true, kubeconfig: kube.yaml", "clusters.main: needs exactly one of"),
        ("in_cluster: true", "in_cluster: true, context: x", "clusters.main.context: goes with kubeconfig only"),
        ("in_cluster: true", "simulated: true, scope: cluster", "clusters.main.scope: is not for a simulated cluster"),
        ("kube.yaml", "nope.yaml", 'clusters.other.kubeconfig: "nope.yaml" is not a file that is there'),
        ("ca.crt", "nope.crt", 'registries.myregistry:5000.ca_file: "nope.crt" is not a file that is there'),
        ("username: bot, ", "", "registries.myregistry:5000: needs username and password together"),
        ("registry.local:5000", "myregistry:5000", 'registries."192.168.1.2:5000".aliases[0]: is a name of'),
        ("template: default", "template: defalt", 'services.adderservice.template: "defalt" is not the name of'),
        ("[deployment.yaml]", "[nope.yaml]", 'templates.default[0]: "nope.yaml" is not a file that is there'),
        ("[deployment.yaml]", "[/etc/hosts]", 'templates.default[0]: "/etc/hosts" is not a file inside the folder'),
        ("[deployment.yaml]", "[../bot/../bot/x]", 'templates.default[0]: "../bot/../bot/x" is not a file'),
        ('app_token: "${T}", ', "", "chat.slack.app_token: is missing: mode socket needs it"),
        ("api_url: https://webexapis.com/v1/", 'invite_token: "${T}"', "chat.webex.invite_token: needs domains"),
        ("mode: socket", "mode: carrier", 'chat.slack.mode: "carrier" is not one of socket, http'),
        ("https://slack.com/api/", "slack.com", 'chat.slack.api_url: "slack.com" is not an address such as'),
        (
            "{slack: C024BE91L",
            "{slak: C024BE91L",
            "services.adderservice.channel.slak: unknown key; did you mean slack",
        ),
    ],
)
def test_their_mistakes(old: str, new: str, told: str, folder: Path) -> None:
    assert old in FULL
    found = mistakes(FULL.replace(old, new), folder)
    assert len(found) == 1
    assert found[0].startswith(told)


def test_a_template_may_not_leave_the_folder_through_a_link(folder: Path) -> None:
    inside = folder / "config"
    inside.mkdir()
    for name in ("kube.yaml", "ca.crt"):
        (inside / name).touch()
    (inside / "deployment.yaml").symlink_to(folder / "deployment.yaml")
    assert mistakes(FULL, inside) == [
        'templates.default[0]: "deployment.yaml" is not a file inside the folder of this configuration (line 15)'
    ]
