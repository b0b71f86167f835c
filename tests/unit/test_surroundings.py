"""What stands around a workload, as people meet it: autoscalers, addresses, usage, and pods that block the way."""

from dataclasses import replace
from pathlib import Path
from typing import cast

from msgspec.structs import replace as replace_noun

from bot.cluster import Cluster
from bot.cluster.memory import Around
from bot.core.errors import NotAllowed
from bot.core.events import BuildResult
from bot.core.model import Cause, Change, Order, Reply, Request, Step, Words
from bot.core.surroundings import Address, Autoscaler, Usage
from bot.core.workload import Image, Kind, PodName, Undo, Workload
from tests.unit.talk import OPERATOR, ROOM, Talk, talking
from tests.unit.test_orders import column
from tests.unit.world import planned, standing_still

STAGING = "micro-staging"
HPA = Autoscaler("webapp-hpa", 1, 12, measured=("cpu 41 % of 80 %",))


def autoscaled(bot: Talk, found: Autoscaler = HPA) -> None:
    bot.cluster.surround(STAGING, "webapp", Around(autoscaler=found))


def fields(reply: Reply) -> dict[str, str]:
    return {f.name: f.value for f in reply.fields}


def test_what_an_autoscaler_scales_is_not_scaled_without_insisting(bot: Talk) -> None:
    autoscaled(bot)
    reply = bot.say("scale webapp 20 in staging")
    said = "webapp is scaled by an autoscaler between 1 and 12; it would undo 20 within seconds."
    assert (reply.title, reply.code) == (said, "refused")
    patch = (
        """kubectl patch hpa webapp-hpa --namespace micro-staging --type merge --patch '{"spec":{"maxReplicas":20}}'"""
    )
    assert f"    {patch}" in reply.body
    assert reply.body.endswith("    scale webapp 20 in staging --force")


def test_insisting_scales_it_and_says_who_stands_there(bot: Talk) -> None:
    autoscaled(bot)
    shown = bot.say("scale webapp 4 in staging --force --dry-run")
    assert "The autoscaler webapp-hpa (1–12) stands: it would undo 4 within seconds." in shown.body
    assert bot.say("scale webapp 4 in staging --force").title == "webapp → 4 replicas in staging · done"


def test_at_nothing_an_autoscaler_stops_and_that_is_said(bot: Talk) -> None:
    autoscaled(bot)
    reply = bot.say("scale webapp 0 in staging")
    assert reply.title.endswith("between 1 and 12; at 0 it stops, until somebody scales it up.")
    assert "kubectl" not in reply.body


def test_what_keda_keeps_is_changed_in_its_own_object(bot: Talk) -> None:
    autoscaled(bot, Autoscaler("keda-hpa-webapp", 1, 12, by="ScaledObject/webapp"))
    body = bot.say("scale webapp 3 in staging").body
    assert "kubectl patch scaledobject webapp " in body
    assert '{"spec":{"minReplicaCount":3}}' in body


def test_status_tells_what_stands_around_it(bot: Talk) -> None:
    pods = bot.cluster.pods(bot.cluster.find("staging", STAGING, "webapp"))
    addresses = (Address("Ingress", "https://webapp.example.com/"), Address("LoadBalancer", "pending"))
    used = {pods[0].name: Usage(250, 100 << 20)}
    bot.cluster.surround(STAGING, "webapp", Around(autoscaler=HPA, addresses=addresses, used=used))
    reply = bot.say("status webapp in staging")
    assert fields(reply)["autoscaler"] == "1–12, now 1 · cpu 41 % of 80 %"
    assert fields(reply)["reached at"] == "https://webapp.example.com/ (Ingress), pending (LoadBalancer)"
    assert column(reply, "cpu") == ["250m"]
    assert column(reply, "memory") == ["100Mi"]


def test_where_nobody_measures_there_is_no_column_for_it(bot: Talk) -> None:
    reply = bot.say("status webapp in staging")
    assert reply.table is not None
    assert reply.table.columns == ("pod", "ready", "status", "restarts", "age", "node")


class Closed:
    """A cluster whose Services the bot may not list."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def __getattr__(self, name: str) -> object:
        return getattr(self._cluster, name)

    def addresses(self, _workload: Workload) -> list[Address]:
        raise NotAllowed("The bot may not list services in micro-staging.")


def test_what_cannot_be_had_costs_no_more_than_a_line(tmp_path: Path) -> None:
    with standing_still(tmp_path) as ports:
        closed = cast(Cluster, Closed(ports.clusters["demo"]))
        reply = planned(replace(ports, clusters={"demo": closed}), "status webapp in staging")
    assert isinstance(reply, Reply)
    assert reply.title == "webapp in staging · 1 of 1 ready"
    assert reply.body == "Not shown: The bot may not list services in micro-staging."


def broken_mongo(bot: Talk) -> str:
    bot.registry.push(Image("mongo", "crash-3"))
    return bot.begin("deploy mongo crash-3 to production")


def test_a_failed_stateful_set_is_rolled_back_by_the_policy(bot: Talk) -> None:
    """Kubernetes itself would wait for the broken pod for ever."""
    reply = bot.answer(broken_mongo(bot))
    assert reply.title == "mongo → crash-3 in production · failed"
    assert "3/3 ready" in reply.body
    assert "Rolled back to" in reply.body
    assert bot.cluster.find("production", "micro", "mongo", Kind.STATEFUL_SET).ready == 3


def test_a_rollback_of_a_stateful_set_says_which_pod_it_deletes(bot: Talk) -> None:
    key = broken_mongo(bot)
    bot.until(lambda: any("stuck" in title for title in bot.titles(key)))
    shown = bot.say("rollback mongo in production --dry-run")
    assert "Deletes mongo-2: broken, and a StatefulSet waits for its broken pods for ever." in shown.body
    assert bot.say("rollback mongo in production").title.endswith("done")


def test_one_that_kubectl_took_back_in_vain_is_explained_and_restarted(bot: Talk) -> None:
    """The template is the old one again, so nothing looks wrong but for the pod that nobody replaces."""
    key = broken_mongo(bot)
    bot.until(lambda: any("stuck" in title for title in bot.titles(key)))
    bot.cluster.kubectl("micro", "mongo", Undo(2))
    bot.until(lambda: "Waits for ever for mongo-2" in bot.say("why mongo in production").title)
    reply = bot.say("why mongo in production")
    assert "which is of an older revision and crashes at start: exit 3" in reply.title
    assert "    restart mongo in production" in reply.body
    assert bot.say("restart mongo in production").title == "mongo restart in production · done"


def test_a_crash_before_the_pod_is_deleted_is_made_up_for(bot: Talk) -> None:
    """Stored and written, and the process ended before the pod that the StatefulSet waits for was deleted."""
    key = broken_mongo(bot)
    bot.until(lambda: any("stuck" in title for title in bot.titles(key)))
    workload = bot.cluster.find("production", "micro", "mongo", Kind.STATEFUL_SET)
    (broken,) = [p for p in bot.cluster.pods(workload) if not p.ready]
    bot.bot.stop()
    request = Request("crashed", OPERATOR, ROOM, "rollback mongo in production", bot.parts.clock.now())
    words = Words("rollback", {"service": "mongo", "environment": "production"})
    order = Order(request, "rollback", words, "mongo", "production")
    stands = (workload.uid, workload.resource_version, workload.template)
    blocking = (PodName(broken.name, broken.uid),)
    step = Step(workload.target, Undo(2), "crash-3", "7.0.15", *stands, blocking=blocking)
    bot.store.open_order(order, "died")
    bot.store.save_change(Change(order, (step,), request.at, "mongo → 7.0.15 in production", "crash-3", "7.0.15"))
    bot.cluster.apply(step, Cause(request.id, OPERATOR, ROOM, request.text))
    bot.restart()
    assert bot.answer("order:crashed").title.endswith("done")
    assert broken.uid not in {p.uid for p in bot.cluster.pods(workload)}


def test_the_right_image_heals_a_stuck_stateful_set_too(tmp_path: Path) -> None:
    with talking(tmp_path) as bot:
        key = broken_mongo(bot)
        bot.until(lambda: any("stuck" in title for title in bot.titles(key)))
        assert bot.say("deploy mongo 7.0.14 to production").title == "mongo → 7.0.14 in production · done"


def test_a_budget_that_lets_no_pod_go_is_named(bot: Talk) -> None:
    bot.cluster.surround("micro", "webapp", Around(guarded=("webapp-pdb", 4)))
    bot.cluster.surround(STAGING, "webapp", Around(guarded=("webapp-pdb", 0)))
    reply = bot.say("why webapp")
    never = "lets no pod go, ever: it needs 4 healthy, and 4 are wanted. No node can be drained."
    assert f"In production: The disruption budget webapp-pdb {never}" in reply.body
    assert "In staging: The" not in reply.body


def test_a_budget_that_only_waits_says_for_what(bot: Talk) -> None:
    bot.cluster.surround(STAGING, "eventservice", Around(guarded=("events", 1)))
    bot.say("scale eventservice 2 in staging")
    bot.begin("deploy eventservice 77be001 to staging")
    bot.cluster.surround(STAGING, "eventservice", Around(guarded=("events", 2)))
    bot.until(lambda: any("stuck" in m.reply.title for m in bot.messages()))
    assert "The disruption budget events lets no pod go, ever" in bot.say("why eventservice in staging").body


def test_the_last_good_one_shows_what_is_known_of_it(bot: Talk) -> None:
    """Proven healthy here, and whether its build passed, where one is known."""
    bot.say("deploy adderservice 9ab01de to staging")
    bot.say("deploy adderservice 3f2a91c to staging")
    shown = bot.say("rollback adderservice to last-good in staging --dry-run")
    assert ", proven healthy here, build adderservice #" in shown.body
    assert " passed" in shown.body
    bot.say("deploy webapp 9ab01de to staging")
    bot.say("deploy webapp 3f2a91c to staging")
    shown = bot.say("rollback webapp to last-good in staging --dry-run")
    assert "proven healthy here, no build of it is known" in shown.body


def test_one_whose_build_failed_is_no_good_one(bot: Talk) -> None:
    bot.say("deploy adderservice 9ab01de to staging")
    bot.say("deploy adderservice 3f2a91c to staging")
    built = next(b for b in bot.store.builds(["adderservice"]) if (b.revision or "").startswith("9ab01de"))
    bot.store.save_build(replace_noun(built, number=built.number + 100, result=BuildResult.FAILURE))
    shown = bot.say("rollback adderservice to last-good in staging --dry-run")
    assert "the previous one: none is known to be good here, build adderservice #" in shown.body
    assert "ended with failure" in shown.body
