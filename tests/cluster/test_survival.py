"""A watch lives through whatever happens to its connection, and says everything once."""

import logging
from collections.abc import Iterator
from threading import enumerate as all_threads

import pytest

from bot.cluster import Sight
from bot.cluster.kubernetes import KubernetesCluster
from bot.core.workload import Kind, Pod
from tests.cluster.line import Line, line
from tests.cluster.plane import Plane
from tests.contract.cluster_kit import ENVIRONMENT, Bench, Ear, Wanted
from tests.contract.kubernetes_kit import KubernetesKit


@pytest.fixture
def way(real: Plane) -> Iterator[Line]:
    with line(int(real.control.url.rpartition(":")[2])) as made:
        yield made


@pytest.fixture
def kit(real: Plane, way: Line) -> Iterator[KubernetesKit]:
    """With the bot at the other end of the way."""
    kit = KubernetesKit(real)
    kit.cluster = KubernetesCluster("main", real.access_at(way.url))
    yield kit
    kit.close()


def listen(kit: KubernetesKit) -> Ear:
    ear = Ear()
    kit.cluster.watch({ENVIRONMENT: kit.namespace}, ear.notice)
    return ear


def assert_nothing_twice(ear: Ear) -> None:
    last: dict[tuple[str, str], object] = {}
    for sighting in ear.heard:
        thing = sighting.thing
        key = ("Pod", thing.name) if isinstance(thing, Pod) else (thing.target.kind, thing.target.name)
        assert last.get(key) != sighting
        last[key] = sighting


def there(ear: Ear) -> set[str]:
    """The pods that a listener believes to stand."""
    standing: set[str] = set()
    for sighting in list(ear.heard):
        if isinstance(sighting.thing, Pod):
            (standing.add if sighting.what is Sight.SEEN else standing.discard)(sighting.thing.name)
    return standing


def test_a_cut_connection_loses_and_repeats_nothing(kit: KubernetesKit, way: Line) -> None:
    bench = Bench(kit)
    bench.running(Wanted())
    bench.running(Wanted(name="leaver", replicas=1))
    ear = listen(kit)
    way.cut()
    kit.set_image("adder", "registry.local/adder:2")
    kit.delete("leaver", Kind.DEPLOYMENT)
    kit.create(Wanted(name="newcomer", replicas=1))
    way.mend()
    kit.until(lambda: "leaver" in ear.gone(), "the end of the one that left")
    kit.until(lambda: any(w.target.name == "newcomer" and w.available for w in ear.workloads()), "the newcomer")
    bench.rolled_out()
    now = {p.name for name in ("adder", "newcomer") for p in kit.cluster.pods(bench.look(name))}
    kit.until(lambda: there(ear) == now, "exactly the pods that stand there")
    assert_nothing_twice(ear)


def test_an_api_server_that_starts_again_is_watched_again(real: Plane, kit: KubernetesKit) -> None:
    bench = Bench(kit)
    bench.running(Wanted(replicas=2))
    ear = listen(kit)
    real.restart_api_server()
    kit.set_image("adder", "registry.local/adder:2")
    kit.until(lambda: ear.workloads()[-1].containers[0].image.endswith(":2"), "the other image")
    kit.until(lambda: ear.workloads()[-1].updated == ear.workloads()[-1].available == 2, "rolled out")
    assert_nothing_twice(ear)


def test_a_server_that_is_away_at_the_start_is_tried_on(
    kit: KubernetesKit, way: Line, caplog: pytest.LogCaptureFixture
) -> None:
    Bench(kit).running(Wanted(replicas=1))
    way.cut()

    def said() -> list[str]:
        return [r.getMessage() for r in caplog.records if r.name.startswith("bot.")]

    with caplog.at_level(logging.INFO):
        ear = listen(kit)
        assert ear.heard == []
        kit.until(said, "one word about it")
        way.mend()
        kit.until(ear.pods, "what stands there")
        kit.until(lambda: len(said()) > 1, "a word that it is over")
    assert [words.partition(":")[0] for words in said()] == [
        f"{kit.namespace} in main cannot be watched",
        f"{kit.namespace} in main is watched again",
    ]


def test_stop_ends_every_thread_of_it(kit: KubernetesKit, way: Line) -> None:
    listen(kit)
    way.cut()
    listen(kit)
    mine = [t for t in all_threads() if kit.namespace in t.name]
    assert len(mine) == 12
    kit.cluster.stop()
    assert not any(t.is_alive() for t in mine)


def test_what_cannot_be_seen_is_told_as_such_for_as_long_as_that_lasts(kit: KubernetesKit, way: Line) -> None:
    listen(kit)
    assert kit.cluster.unseen(ENVIRONMENT) == ""
    way.cut()
    kit.until(lambda: kit.cluster.unseen(ENVIRONMENT) == "The cluster main cannot be reached.", "out of sight")
    assert kit.cluster.unseen("another") == ""
    way.mend()
    kit.until(lambda: not kit.cluster.unseen(ENVIRONMENT), "in sight again")


def test_what_may_never_be_seen_hides_nothing_of_the_rest(real: Plane) -> None:
    """A Role that was never granted is told at the start; what is followed is followed."""
    cluster = KubernetesCluster("main", real.access)
    cluster.watch({ENVIRONMENT: "kube-system"}, Ear().notice)
    assert cluster.unseen(ENVIRONMENT) == ""
    cluster.stop()
