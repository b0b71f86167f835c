"""Workloads that somebody else keeps: recognised, and never changed behind their back."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.cluster.memory import Spec, single
from bot.core.owner import Owner, owner
from bot.core.workload import Image, Kind, Target, Workload
from tests.unit.talk import Talk, talking
from tests.unit.world import NOON

TARGET = Target("staging", "test", "micro-staging", Kind.DEPLOYMENT, "webapp")
PLAIN = Workload(TARGET, "u", "1", 1, 1, (), 1, 1, 1, 1, 1, "t", 1, NOON, NOON)
REPOSITORY = "registry.local:5000/adderservice"
WRITES = ("deploy webapp 9ab01de to", "scale webapp 3 in", "rollback webapp in", "set webapp A=1 in")
TRACKING = "argocd.argoproj.io/tracking-id"
ARGO = {TRACKING: "shop:apps/Deployment:micro-staging/webapp"}
HELM = {"app.kubernetes.io/managed-by": "Helm"}
FLUX = {"kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "flux-system"}
RELEASE = {"helm.toolkit.fluxcd.io/name": "webapp", "helm.toolkit.fluxcd.io/namespace": "flux-system"}


def owned(labels: dict[str, str] | None = None, annotations: dict[str, str] | None = None) -> Owner | None:
    return owner(replace(PLAIN, labels=labels or {}, annotations=annotations or {}))


@pytest.mark.parametrize(
    ("labels", "annotations", "name"),
    [
        ({}, ARGO, "Argo CD (application shop)"),
        ({"argocd.argoproj.io/instance": "shop"}, {}, "Argo CD (application shop)"),
        (FLUX, {}, "Flux (Kustomization flux-system/apps)"),
        (RELEASE | HELM, {"meta.helm.sh/release-name": "webapp"}, "Flux (HelmRelease flux-system/webapp)"),
        ({"addonmanager.kubernetes.io/mode": "Reconcile"}, {}, "the addon manager"),
        (HELM, {"meta.helm.sh/release-name": "shop"}, "Helm (release shop)"),
    ],
)
def test_each_owner_is_known_by_what_it_writes(labels: dict[str, str], annotations: dict[str, str], name: str) -> None:
    found = owned(labels, annotations)
    assert found is not None
    assert found.name == name
    assert found.reverts == (not name.startswith("Helm"))


@pytest.mark.parametrize(
    ("labels", "annotations"),
    [
        ({}, {}),
        ({"app.kubernetes.io/instance": "shop"}, {}),
        ({}, {TRACKING: "shop:apps/Deployment:micro-staging/another"}),
        (FLUX, {"kustomize.toolkit.fluxcd.io/reconcile": "disabled"}),
        ({"addonmanager.kubernetes.io/mode": "EnsureExists"}, {}),
        (HELM, {}),
    ],
)
def test_what_only_looks_owned_is_not(labels: dict[str, str], annotations: dict[str, str]) -> None:
    assert owned(labels, annotations) is None


def give_to_argo(bot: Talk) -> None:
    bot.cluster.annotate(bot.cluster.find("staging", "micro-staging", "webapp").target, dict(ARGO))


@pytest.mark.parametrize(
    "order", ["deploy webapp 9ab01de to", "scale webapp 3 in", "rollback webapp in", "set webapp A=1 in"]
)
def test_what_its_owner_would_take_back_is_refused(bot: Talk, order: str) -> None:
    give_to_argo(bot)
    before = bot.cluster.find("staging", "micro-staging", "webapp")
    reply = bot.say(f"{order} staging")
    assert reply.title == "webapp in staging belongs to Argo CD (application shop)."
    assert reply.body.startswith("It would take this back. Change it in the Git source of the application shop.")
    assert bot.cluster.find("staging", "micro-staging", "webapp").generation == before.generation


def test_what_lasts_is_done(bot: Talk) -> None:
    give_to_argo(bot)
    assert bot.say("restart webapp in staging").title == "webapp restart in staging · done"
    assert bot.say("pause webapp in staging").title == "webapp pause in staging · done"


def test_status_names_the_owner(bot: Talk) -> None:
    give_to_argo(bot)
    fields = {f.name: f.value for f in bot.say("status webapp in staging").fields}
    assert fields["kept by"] == "Argo CD (application shop)"


def test_where_drift_is_allowed_it_is_done_and_said(tmp_path: Path) -> None:
    with talking(tmp_path, production=", drift: allow") as bot:
        target = bot.cluster.find("production", "micro", "webapp").target
        bot.cluster.annotate(target, {TRACKING: "shop:apps/Deployment:micro/webapp"})
        shown = bot.say("deploy webapp 9ab01de to production --dry-run")
        assert "It belongs to Argo CD (application shop), which may take this back." in shown.body
        done = bot.say("deploy webapp 9ab01de to production")
        assert done.title.endswith("done")
        assert "which may take this back" in done.body


def test_under_helm_it_is_done_and_the_next_upgrade_named(bot: Talk) -> None:
    spec = Spec("shop", single("registry.local:5000/webapp:9ab01de"), labels=HELM)
    bot.cluster.seed("micro-staging", spec)
    shop = bot.cluster.find("staging", "micro-staging", "shop")
    bot.cluster.annotate(shop.target, {"meta.helm.sh/release-name": "shop"})
    done = bot.say("scale shop 2 in staging")
    assert done.title.endswith("done")
    assert "It belongs to Helm (release shop): its next upgrade overwrites this" in done.body
    shown = bot.say("scale shop 3 in staging --dry-run")
    assert "It belongs to Helm (release shop): its next upgrade overwrites this" in shown.body
    assert "Helm" not in bot.say("restart shop in staging --dry-run").body


def test_an_automatic_deploy_is_refused_alike(bot: Talk) -> None:
    target = bot.cluster.find("staging", "micro-staging", "adderservice").target
    bot.cluster.annotate(target, {TRACKING: "shop:apps/Deployment:micro-staging/adderservice"})
    bot.bot.poller.look("adderservice")
    bot.pass_time(lambda: bot.store.tags_seen(REPOSITORY))
    bot.registry.push(Image(REPOSITORY, "abcdef1", created=bot.parts.clock.now()))
    bot.bot.poller.look("adderservice")
    bot.until(lambda: any("adderservice in staging belongs to Argo CD" in m.reply.title for m in bot.messages()))


def test_a_failure_policy_cannot_mend_it_either(bot: Talk) -> None:
    key = bot.begin("deploy eventservice 77be001 to production")
    bot.until(lambda: any("stuck" in title for title in bot.titles(key)))
    target = bot.cluster.find("production", "micro", "eventservice").target
    bot.cluster.annotate(target, {TRACKING: "shop:apps/Deployment:micro/eventservice"})
    reply = bot.answer(key)
    assert "Not mended: eventservice in production belongs to Argo CD (application shop)." in reply.body
