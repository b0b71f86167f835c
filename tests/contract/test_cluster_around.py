"""The Cluster port: what stands around a workload, and the pod that a StatefulSet would wait for for ever."""

from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from bot.core.errors import NotFound
from bot.core.surroundings import Address
from bot.core.workload import Image, Kind, PodName, Scale, SetImage, Undo
from tests.contract.cluster_kit import IMPLEMENTATIONS, Bench, Wanted, bench


@pytest.fixture(params=IMPLEMENTATIONS)
def bot(request: pytest.FixtureRequest) -> Iterator[Bench]:
    with bench(request.param) as made:
        yield made


def test_alone_it_has_none_of_it(bot: Bench) -> None:
    alone = bot.running(Wanted(replicas=1))
    bot.running(Wanted(name="webapp", replicas=1))
    for kind in ("NodePort", "Ingress"):
        bot.kit.expose("webapp", kind)
    bot.kit.autoscale("webapp", 1, 3)
    bot.kit.guard("webapp", 1)
    assert bot.cluster.autoscaler(alone) is None
    assert bot.cluster.addresses(alone) == []
    assert bot.cluster.budgets(alone) == []


def test_an_autoscaler_has_a_range_and_the_last_word(bot: Bench) -> None:
    bot.running(Wanted(replicas=1))
    bot.kit.autoscale("adder", 2, 3)
    bot.kit.until(lambda: bot.look().wanted == 2, "scaled into the range")
    scaled = bot.rolled_out()
    found = bot.kit.until(lambda: (a := bot.cluster.autoscaler(scaled)) and a.current == 2 and a, "an autoscaler")
    assert found
    assert (found.name, found.least, found.most, found.span) == ("adder", 2, 3, "2–3")
    assert (scaled.scaler or scaled.manager) == "autoscaler"


def test_at_nothing_an_autoscaler_stands_still(bot: Bench) -> None:
    bot.running(Wanted(replicas=2))
    bot.kit.autoscale("adder", 2, 3)
    bot.do(bot.look(), Scale(0))
    bot.rolled_out()
    assert bot.look().wanted == 0


@pytest.mark.parametrize(
    ("kind", "at"),
    [("NodePort", "of every node"), ("LoadBalancer", "pending"), ("Ingress", "http://adder.example.com/")],
)
def test_an_address_says_what_it_is_and_where(bot: Bench, kind: str, at: str) -> None:
    workload = bot.running(Wanted(replicas=1))
    bot.kit.expose("adder", kind)
    first = bot.cluster.addresses(workload)[0]
    assert isinstance(first, Address)
    assert first.kind == kind
    assert at in first.at


def test_nobody_measures_here(bot: Bench) -> None:
    assert bot.cluster.usage(bot.running(Wanted(replicas=1))) == {}


def test_a_budget_tells_how_many_may_go(bot: Bench) -> None:
    workload = bot.running(Wanted(replicas=2))
    bot.kit.guard("adder", 2)
    bot.kit.until(lambda: any(b.healthy == 2 for b in bot.cluster.budgets(workload)), "the budget counted")
    found = bot.cluster.budgets(workload)[0]
    assert (found.name, found.allowed, found.needed) == ("adder", 0, 2)


def test_what_is_gone_has_no_surroundings(bot: Bench) -> None:
    workload = bot.running(Wanted(replicas=1))
    bot.kit.delete("adder", Kind.DEPLOYMENT)
    never = replace(workload, uid="another")
    for look in (bot.cluster.autoscaler, bot.cluster.addresses, bot.cluster.budgets, bot.cluster.usage):
        with pytest.raises(NotFound):
            look(never)


def test_a_deleted_pod_lets_a_stateful_set_go_back(bot: Bench) -> None:
    bot.do(
        bot.running(Wanted(kind=Kind.STATEFUL_SET, replicas=2)),
        SetImage("app", Image("registry.local/adder", "missing")),
    )
    broken = bot.trouble("ImagePullBackOff")
    before = bot.look()
    assert before.ordered
    bot.do(before, Undo(1))
    bot.cluster.delete_pod(before.target, PodName(broken.name, broken.uid))
    assert bot.rolled_out().ready == 2


def test_only_that_very_pod_is_deleted(bot: Bench) -> None:
    workload = bot.running(Wanted(kind=Kind.STATEFUL_SET, replicas=1))
    pod = bot.cluster.pods(workload)[0]
    bot.cluster.delete_pod(workload.target, PodName(pod.name, "another-uid"))
    bot.cluster.delete_pod(workload.target, PodName("adder-7", pod.uid))
    assert [(p.uid, p.deleting) for p in bot.cluster.pods(workload)] == [(pod.uid, False)]
    assert pod.uid


def test_a_container_says_whether_it_is_ready(bot: Bench) -> None:
    workload = bot.running(Wanted(replicas=1, containers=("app", "proxy")))
    assert [c.ready for c in bot.cluster.pods(workload)[0].containers] == [True, True]
