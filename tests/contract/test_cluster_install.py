"""The Cluster port: what a template makes, and what applying it again leaves alone."""

from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from bot.core import manifests
from bot.core.errors import Conflict, Invalid, NotFound, Refused
from bot.core.manifests import Values
from bot.core.model import Step
from bot.core.secret import Secret
from bot.core.workload import Image, Install, Kind, Manifest, Reference, Scale, SetEnv, SetImage, Target, Workload
from tests.contract.cluster_kit import CAUSE, ENVIRONMENT, IMPLEMENTATIONS, Bench, Ear, Wanted, bench

DIGEST = "sha256:" + "ab" * 32
ONE, TWO = Image("registry.local/adder", "1", DIGEST), Image("registry.local/adder", "2", DIGEST)


@pytest.fixture(params=IMPLEMENTATIONS)
def bot(request: pytest.FixtureRequest) -> Iterator[Bench]:
    with bench(request.param) as made:
        yield made


def template(kind: Kind = Kind.DEPLOYMENT, **spec: Any) -> Manifest:
    labels = {"app": "_NAME_"}
    pod = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "app", "image": "_IMAGE_"}]}}
    replicas = {} if kind is Kind.DAEMON_SET else {"replicas": 2}
    body = {
        "apiVersion": "apps/v1",
        "kind": str(kind),
        "metadata": {"name": "_NAME_"},
        "spec": {**replicas, "selector": {"matchLabels": labels}, "template": pod, **spec},
    }
    return manifests.manifest("workload.yaml", body)


def service(kind: str = "NodePort", port: int = 80) -> Manifest:
    spec = {"type": kind, "selector": {"app": "_NAME_"}, "ports": [{"port": port, "targetPort": "_PORT_"}]}
    body = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "_NAME_"}, "spec": spec}
    return manifests.manifest("service.yaml", body)


def step(
    bot: Bench, image: Image = ONE, there: Workload | None = None, workload: Manifest | None = None, *others: Manifest
) -> Step:
    return planned(bot.kit.namespace, image, there, workload, *others)


def planned(namespace: str, image: Image, there: Workload | None, workload: Manifest | None, *others: Manifest) -> Step:
    values = Values("adder", namespace, image.reference, 8080)
    first, *rest = (manifests.filled(one, values) for one in (workload or template(), *others))
    action = Install("app", image, first, tuple(rest))
    if there:
        return Step(there.target, action, "", "", there.uid, there.resource_version, there.template)
    target = Target(ENVIRONMENT, "main", namespace, Kind(first.kind), "adder", "app")
    return Step(target, action, "", "", "", "", "")


def installed(bot: Bench, *others: Manifest) -> Workload:
    bot.cluster.apply(step(bot, ONE, None, None, *others), CAUSE)
    return bot.rolled_out()


@pytest.mark.parametrize("kind", Kind)
def test_what_was_not_there_is_made_and_rolls_out(bot: Bench, kind: Kind) -> None:
    ear = Ear()
    bot.cluster.watch({ENVIRONMENT: bot.kit.namespace}, ear.notice)
    made = bot.cluster.apply(step(bot, ONE, None, template(kind), service()), CAUSE)
    found = bot.rolled_out(kind=kind)
    assert (found.uid, found.template, found.revision) == (made.uid, made.template, 1)
    assert found.available == (2 if kind is not Kind.DAEMON_SET else found.wanted)
    assert bot.kit.peek("adder", kind).images == {"app": ONE.reference}
    stands = bot.kit.service("adder")
    assert stands
    assert stands["type"] == "NodePort"
    assert (stands["ports"][0]["port"], stands["ports"][0]["targetPort"]) == (80, 8080)
    bot.kit.until(lambda: ear.workloads() and ear.workloads()[-1].available == found.wanted, "it was heard of")


def test_our_notes_are_on_it(bot: Bench) -> None:
    made = bot.cluster.apply(step(bot), CAUSE)
    notes = bot.kit.peek("adder").annotations
    assert notes["quarterdeck.io/order"] == CAUSE.request
    assert notes["quarterdeck.io/template"] == made.template == bot.rolled_out().template
    assert notes["kubernetes.io/change-cause"] == CAUSE.text


def test_applied_again_the_service_changes_and_nothing_rolls_out(bot: Bench) -> None:
    before = installed(bot, service())
    again = bot.cluster.apply(step(bot, ONE, before, None, service("LoadBalancer")), replace(CAUSE, text="again"))
    assert (again.uid, again.template) == (before.uid, before.template)
    stands = bot.kit.service("adder")
    assert stands
    assert stands["type"] == "LoadBalancer"
    assert bot.kit.peek("adder").annotations["kubernetes.io/change-cause"] == CAUSE.text


def test_a_new_image_comes_with_it(bot: Bench) -> None:
    before = installed(bot)
    bot.cluster.apply(step(bot, TWO, before), CAUSE)
    after = bot.rolled_out()
    assert (after.uid, after.revision, after.containers[0].image) == (before.uid, 2, TWO.reference)


def test_replicas_are_never_touched_again(bot: Bench) -> None:
    """Neither those that somebody set, nor those that stand as the first deploy made them."""
    before = installed(bot)
    bot.cluster.apply(step(bot, TWO, before), CAUSE)
    second = bot.rolled_out()
    assert second.wanted == 2
    bot.do(second, Scale(3))
    third = bot.rolled_out()
    bot.cluster.apply(step(bot, ONE, third, template(replicas=5)), CAUSE)
    assert bot.rolled_out().wanted == 3


def test_what_others_made_takes_the_template_too(bot: Bench) -> None:
    labels = {"app": "adder", "kind": "deployment"}
    before = bot.running(Wanted(replicas=3))
    pod = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "app", "image": "_IMAGE_"}]}}
    mine = template(selector={"matchLabels": labels}, template=pod)
    bot.cluster.apply(step(bot, TWO, before, mine), CAUSE)
    after = bot.rolled_out()
    assert (after.uid, after.wanted, after.containers[0].image) == (before.uid, 3, TWO.reference)


def test_a_deploy_between_takes_the_image_over_and_back(bot: Bench) -> None:
    first = installed(bot)
    bot.do(first, SetImage("app", TWO))
    second = bot.rolled_out()
    bot.cluster.apply(step(bot, ONE, second), CAUSE)
    assert bot.rolled_out().containers[0].image == ONE.reference


def test_a_dry_run_says_what_would_be_made_and_makes_nothing(bot: Bench) -> None:
    found = bot.cluster.dry_run(step(bot, ONE, None, None, service()), CAUSE)
    assert [(d.where, d.before, d.after) for d in found.differences] == [
        ("Deployment adder", None, f"2 replicas, app {ONE.reference}"),
        ("Service adder", None, "NodePort 80 → 8080"),
    ]
    assert bot.kit.service("adder") is None
    with pytest.raises(NotFound):
        bot.look()


def test_a_dry_run_says_what_would_change(bot: Bench) -> None:
    before = installed(bot, service())
    found = bot.cluster.dry_run(step(bot, TWO, before, None, service("LoadBalancer")), CAUSE)
    told = {d.where: (d.before, d.after) for d in found.differences}
    assert told["spec.template.spec.containers[app].image"] == (ONE.reference, TWO.reference)
    assert told["Service adder spec.type"] == ("NodePort", "LoadBalancer")
    assert bot.look().template == before.template
    assert "spec.replicas" not in told


def test_a_variable_that_stands_elsewhere_is_seen_and_left_there(bot: Bench) -> None:
    sources = {
        "MODE": {"configMapKeyRef": {"name": "settings", "key": "mode", "optional": True}},
        "WHERE": {"fieldRef": {"fieldPath": "metadata.namespace"}},
    }
    pod = template().body["spec"]["template"]
    env = [{"name": "LEVEL", "value": "3"}, *({"name": n, "valueFrom": source} for n, source in sources.items())]
    containers = [{"name": "app", "image": "_IMAGE_", "env": env}]
    bot.cluster.apply(step(bot, ONE, None, template(template={**pod, "spec": {"containers": containers}})), CAUSE)
    found = bot.rolled_out()
    (container,) = found.containers
    assert container.env == ("LEVEL", "MODE", "WHERE")
    assert container.references == (Reference("MODE", "ConfigMap", "settings", "mode"), Reference("WHERE", "fieldRef"))
    for action in (SetEnv("app", ("MODE",), values=(Secret("fast"),)), SetEnv("app", (), ("WHERE",))):
        for attempt in (bot.cluster.apply, bot.cluster.dry_run):
            with pytest.raises(Refused, match="is not set here: "):
                attempt(bot.step(found, action), CAUSE)


def test_where_one_part_is_refused_none_is_made(bot: Bench) -> None:
    with pytest.raises(Invalid) as refused:
        bot.cluster.apply(step(bot, ONE, None, None, service(port=70000)), CAUSE)
    assert "between 1 and 65535" in refused.value.fact
    with pytest.raises(NotFound):
        bot.look()
    with pytest.raises(Invalid):
        bot.cluster.apply(step(bot, ONE, None, template(replicas=-1), service()), CAUSE)
    assert bot.kit.service("adder") is None


def test_one_that_somebody_made_meanwhile_is_a_conflict(bot: Bench) -> None:
    planned = step(bot)
    bot.kit.create(Wanted(replicas=1))
    for attempt in (bot.cluster.apply, bot.cluster.dry_run):
        with pytest.raises(Conflict):
            attempt(planned, CAUSE)


def test_a_template_somebody_changed_meanwhile_is_a_conflict(bot: Bench) -> None:
    planned = installed(bot)
    bot.kit.set_image("adder", "registry.local/adder:3")
    with pytest.raises(Conflict):
        bot.cluster.apply(step(bot, TWO, planned), CAUSE)
