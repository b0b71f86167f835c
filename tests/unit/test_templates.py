"""A first deploy, and a later one from the same template, spoken as a person speaks."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.core.errors import NotAllowed
from bot.core.model import Tone
from bot.core.workload import Image, Kind, Scale
from tests.unit.talk import STRANGER, Talk, talking

TEMPLATE = Path(__file__).parents[2] / "config" / "templates"
MORE = """
  billing:
    repository: registry.local:5000/billing
    default_environment: staging
    template: default
    port: 8080
  legacy:
    repository: registry.local:5000/legacy
    default_environment: staging
    template: old
  pair:
    repository: registry.local:5000/pair
    default_environment: staging
    template: pair
    workloads: [{kind: Deployment, name: pair}, {kind: StatefulSet, name: pair-store}]
templates:
  default: [deployment.yaml, service.yaml]
  old: [old.yaml]
  pair: [pair.yaml]
"""
OLD = """
apiVersion: extensions/v1beta1
kind: Deployment
metadata: {name: _NAME_}
spec:
  template:
    metadata: {labels: {app: _NAME_}}
    spec:
      containers:
        - {name: proxy, image: "registry.local:5000/proxy:1"}
        - {name: app, image: "registry.local:5000/legacy:0"}
"""
PAIR = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: _NAME_}
spec:
  selector: {matchLabels: {app: _NAME_}}
  template: {metadata: {labels: {app: _NAME_}}, spec: {containers: [{name: app, image: _IMAGE_}]}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: _NAME_-store}
spec:
  selector: {matchLabels: {app: _NAME_-store}}
  template: {metadata: {labels: {app: _NAME_-store}}, spec: {containers: [{name: app, image: _IMAGE_}]}}
"""


@pytest.fixture
def bot(tmp_path: Path) -> Iterator[Talk]:
    for name in ("deployment.yaml", "service.yaml"):
        (tmp_path / name).write_text((TEMPLATE / name).read_text())
    (tmp_path / "old.yaml").write_text(OLD)
    (tmp_path / "pair.yaml").write_text(PAIR)
    with talking(tmp_path, more=MORE) as talk:
        yield talk


def service_type(bot: Talk, name: str) -> object:
    with bot.cluster._engine.present() as world:
        return world.services["micro-staging", name]["spec"]["type"]


def test_a_first_deploy_is_made_from_the_template_and_followed(bot: Talk) -> None:
    said = bot.say("deploy billing 3f2a91")
    assert (said.tone, said.title) == (Tone.GOOD, "billing → 3f2a91c in staging · done")
    found = bot.cluster.find("staging", "micro-staging", "billing")
    assert (found.wanted, found.available) == (2, 2)
    assert found.containers[0].image.startswith("registry.local:5000/billing:3f2a91c@sha256:")
    assert service_type(bot, "billing") == "NodePort"
    assert bot.say("status billing").title == "billing in staging · 2 of 2 ready"
    assert [b.label for b in said.buttons] == ["History"]


def test_a_promotion_makes_it_in_the_next_environment(bot: Talk) -> None:
    bot.say("deploy billing 3f2a91c")
    assert bot.say("promote billing to production").title == "billing → 3f2a91c in production · done"
    images = [
        bot.cluster.find(e, n, "billing").containers[0].image
        for e, n in (("staging", "micro-staging"), ("production", "micro"))
    ]
    assert images[0] == images[1]


def test_a_later_deploy_leaves_the_template_alone_until_it_is_asked_for(bot: Talk, tmp_path: Path) -> None:
    bot.say("deploy billing 3f2a91c")
    bot.say("scale billing 3")
    with bot.cluster._engine.present() as world:
        world.services["micro-staging", "billing"]["spec"]["type"] = "ClusterIP"
    assert bot.say("deploy billing 9ab01de").title == "billing → 9ab01de in staging · done"
    assert service_type(bot, "billing") == "ClusterIP"
    shown = bot.say("deploy billing 9ab01de --template --dry-run")
    assert "Service billing spec.type: ClusterIP → NodePort" in shown.body
    assert bot.say("deploy billing 9ab01de --template").tone is Tone.GOOD
    assert service_type(bot, "billing") == "NodePort"
    assert bot.cluster.find("staging", "micro-staging", "billing").wanted == 3


def test_a_dry_run_says_what_would_be_made(bot: Talk) -> None:
    said = bot.say("deploy billing 3f2a91c --dry-run")
    assert "from the template default, which is not there yet: Deployment billing, Service billing" in said.body
    assert "    + Deployment billing: 2 replicas, app registry.local:5000/billing:3f2a91c@sha256:" in said.body
    assert "    + Service billing: NodePort 80 → 8080" in said.body
    assert bot.say("status billing in staging").code == "not_found"


def test_an_old_template_works_and_says_what_was_made_of_it(bot: Talk) -> None:
    shown = bot.say("deploy legacy 3f2a91c --dry-run").body
    assert shown.count("old.yaml: extensions/v1beta1 became apps/v1, its selector came from its labels.") == 1
    assert bot.say("deploy legacy 3f2a91c").tone is Tone.GOOD
    images = [c.image for c in bot.cluster.find("staging", "micro-staging", "legacy").containers]
    assert images[0] == "registry.local:5000/proxy:1"
    assert images[1].startswith("registry.local:5000/legacy:3f2a91c@sha256:")


def test_a_service_of_two_workloads_is_made_whole(bot: Talk) -> None:
    assert bot.say("deploy pair 3f2a91c").title == "pair → 3f2a91c in staging · done"
    assert bot.cluster.find("staging", "micro-staging", "pair-store", Kind.STATEFUL_SET).available == 1


def test_half_of_a_service_is_not_made_anew(bot: Talk) -> None:
    bot.say("deploy pair 3f2a91c")
    bot.cluster.delete("micro-staging", "pair-store")
    assert bot.say("deploy pair 9ab01de").code == "not_found"
    assert bot.say("deploy pair 9ab01de --template").tone is Tone.GOOD
    assert bot.cluster.find("staging", "micro-staging", "pair-store", Kind.STATEFUL_SET).available == 1


def test_an_image_that_is_not_there_makes_nothing(bot: Talk) -> None:
    said = bot.say("deploy billing 0000000")
    assert said.title == "No image 0000000 of billing."
    assert bot.say("status billing in staging").code == "not_found"


def test_without_a_template_nothing_is_made(bot: Talk) -> None:
    assert bot.say("deploy nothing 3f2a91c").title == "There is no service nothing in staging."
    refused = bot.say("deploy webapp 3f2a91c to staging --template")
    assert (refused.title, refused.code) == ("webapp has no template.", "refused")


def test_a_namespace_that_is_not_there_is_said(bot: Talk) -> None:
    with bot.cluster._engine.present() as world:
        world.absent.add("micro-staging")
    assert bot.say("deploy billing 3f2a91c").title == "There is no namespace micro-staging in the cluster test."


def test_where_the_server_forbids_it_the_namespace_may_be_missing(bot: Talk) -> None:
    forbidden = NotAllowed("The bot may not get deployments in micro-staging.", fact="Not granted.", hint="k8s/target")
    bot.cluster.fail(forbidden)
    said = bot.say("deploy billing 3f2a91c")
    assert (said.title, said.code) == (forbidden.sentence, "not_allowed")
    assert said.body.startswith(
        "Not granted.\nThis makes it, with kubectl apply -f:\n    apiVersion: v1\n    kind: Name"
    )


def test_a_pod_that_a_stateful_set_waits_for_is_deleted_with_the_template_too(bot: Talk) -> None:
    bot.say("deploy pair 3f2a91c")
    bot.registry.push(Image("registry.local:5000/pair", "missing"))
    bot.begin("deploy pair missing")
    bot.until(lambda: "Deletes pair-store-0: broken" in bot.say("deploy pair 9ab01de --template --dry-run").body)
    assert bot.say("deploy pair 9ab01de --template").title == "pair → 9ab01de in staging · done"


def test_who_may_not_deploy_makes_nothing(tmp_path: Path) -> None:
    for name in ("deployment.yaml", "service.yaml"):
        (tmp_path / name).write_text((TEMPLATE / name).read_text())
    one = MORE.partition("  legacy:")[0] + "templates: {default: [deployment.yaml, service.yaml]}\n"
    with talking(tmp_path, more=one + "roles: {}\n") as bot:
        assert bot.say("deploy billing 3f2a91c to staging", STRANGER).code == "not_allowed"
        assert not [w for w in bot.cluster.workloads("staging", "micro-staging") if w.target.name == "billing"]


def test_a_restart_in_the_middle_finds_its_first_deploy_again(bot: Talk) -> None:
    bot.push("billing", "slow")
    key = bot.begin("deploy billing slow")
    bot.pass_time(lambda: any(w.target.name == "billing" for w in bot.cluster.workloads("staging", "micro-staging")))
    bot.restart()
    said = bot.answer(key)
    assert (said.tone, said.title) == (Tone.GOOD, "billing → slow in staging · done")


def test_scaled_by_others_meanwhile_it_keeps_its_number(bot: Talk) -> None:
    bot.say("deploy billing 3f2a91c")
    bot.cluster.kubectl("micro-staging", "billing", Scale(4))
    assert bot.say("deploy billing 9ab01de --template").tone is Tone.GOOD
    assert bot.cluster.find("staging", "micro-staging", "billing").wanted == 4
