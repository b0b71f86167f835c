"""The Cluster port: a watch tells what stands there, then every change, then the end."""

from collections.abc import Iterator

import pytest

from bot.cluster import Sight
from bot.core.errors import NotFound, UsageError
from bot.core.workload import Image, Kind, Pod, Scale, SetImage, Workload
from tests.contract.cluster_kit import ENVIRONMENT, WATCHING, Bench, Ear, Wanted, bench


@pytest.fixture(params=WATCHING)
def bot(request: pytest.FixtureRequest) -> Iterator[Bench]:
    with bench(request.param) as made:
        yield made


def listen(bot: Bench) -> Ear:
    ear = Ear()
    bot.cluster.watch({ENVIRONMENT: bot.kit.namespace}, ear.notice)
    return ear


def test_all_that_stands_there_is_told_before_watch_returns(bot: Bench) -> None:
    workload = bot.running(Wanted())
    ear = listen(bot)
    heard = ear.workloads()
    assert [(w.uid, w.template, w.ready) for w in heard] == [(workload.uid, workload.template, 3)]
    assert heard[0].target == workload.target
    assert {p.name for p in ear.pods()} == {p.name for p in bot.cluster.pods(workload)}
    assert all(s.what is Sight.SEEN for s in ear.heard)


def test_a_rollout_is_heard_from_its_order_to_its_end(bot: Bench) -> None:
    workload = bot.running(Wanted())
    ear = listen(bot)
    old = {p.name for p in bot.cluster.pods(workload)}
    bot.do(workload, SetImage("app", Image("registry.local/adder", "2")))
    bot.kit.until(lambda: old <= ear.gone(), "the end of every old pod")
    bot.kit.until(lambda: ear.workloads()[-1].updated == ear.workloads()[-1].available == 3, "rolled out")
    heard = ear.workloads()
    assert [w.generation for w in heard] == sorted(w.generation for w in heard)
    assert len({w.updated for w in heard if w.generation > workload.generation}) >= 3
    assert {p.ready for p in ear.pods() if p.template == heard[-1].template} == {False, True}


def test_what_others_do_is_heard_with_who_did_it(bot: Bench) -> None:
    bot.running(Wanted(replicas=1))
    ear = listen(bot)
    bot.kit.set_image("adder", "registry.local/adder:3")
    bot.kit.until(lambda: ear.workloads()[-1].containers[0].image.endswith(":3"), "the other image")
    assert ear.workloads()[-1].manager.startswith("kubectl")


def test_what_comes_later_and_what_goes_is_heard(bot: Bench) -> None:
    ear = listen(bot)
    assert ear.heard == []
    bot.running(Wanted(replicas=1))
    bot.kit.until(lambda: ear.workloads() and ear.workloads()[-1].available == 1, "the new one")
    pod = bot.cluster.pods(bot.look())[0].name
    bot.kit.delete("adder", Kind.DEPLOYMENT)
    bot.kit.until(lambda: {"adder", pod} <= ear.gone(), "its end, and its pod's")


def test_every_listener_hears_it(bot: Bench) -> None:
    bot.running(Wanted(replicas=1))
    ears = [listen(bot), listen(bot)]
    bot.do(bot.look(), Scale(2))
    for ear in ears:
        bot.kit.until(lambda ear=ear: ear.workloads()[-1].available == 2, "two pods")  # type: ignore[misc]


def heard_of(ear: Ear) -> set[tuple[str, str]]:
    """Environments and namespaces."""
    workloads = {(s.environment, s.thing.target.namespace) for s in ear.heard if isinstance(s.thing, Workload)}
    assert workloads == {(w.target.environment, w.target.namespace) for w in ear.workloads()}
    return workloads | {(s.environment, s.thing.namespace) for s in ear.heard if isinstance(s.thing, Pod)}


def ready_in(ear: Ear, namespace: str) -> bool:
    return any(p.namespace == namespace and p.ready for p in ear.pods())


def test_one_call_tells_of_every_place_and_of_no_other(bot: Bench) -> None:
    there, elsewhere = bot.kit.neighbour(), bot.kit.neighbour()
    for kit in (elsewhere, bot.kit):
        kit.create(Wanted(replicas=1))
    bot.rolled_out()
    ear = Ear()
    bot.cluster.watch({ENVIRONMENT: bot.kit.namespace, "production": there.namespace}, ear.notice)
    assert heard_of(ear) == {(ENVIRONMENT, bot.kit.namespace)}
    elsewhere.set_image("adder", "registry.local/adder:2")
    there.create(Wanted(replicas=1))
    bot.kit.until(lambda: ready_in(ear, there.namespace), "the other place")
    there.delete("adder", Kind.DEPLOYMENT)
    bot.kit.until(lambda: "adder" in ear.gone(), "its end")
    assert heard_of(ear) == {(ENVIRONMENT, bot.kit.namespace), ("production", there.namespace)}
    assert all(s.environment == "production" for s in ear.heard if s.what is Sight.GONE)


def test_a_place_that_comes_later_is_told_of_too(bot: Bench) -> None:
    """As after another configuration: nothing is told twice of those that were there."""
    there = bot.kit.neighbour()
    bot.running(Wanted(replicas=1))
    ear = listen(bot)
    before = len(ear.heard)
    there.create(Wanted(replicas=1))
    bot.cluster.watch({"production": there.namespace}, ear.notice)
    bot.kit.until(lambda: ready_in(ear, there.namespace), "the new place")
    assert {s.environment for s in ear.heard[before:]} == {"production"}


def test_after_stop_nothing_is_told(bot: Bench) -> None:
    bot.running(Wanted(replicas=1))
    ear = listen(bot)
    bot.cluster.stop()
    told = len(ear.heard)
    bot.kit.set_image("adder", "registry.local/adder:3")
    bot.rolled_out()
    assert len(ear.heard) == told


def test_a_namespace_that_cannot_be_is_not_watched(bot: Bench) -> None:
    with pytest.raises((UsageError, NotFound)):
        bot.cluster.watch({ENVIRONMENT: "../kube-system"}, Ear().notice)
