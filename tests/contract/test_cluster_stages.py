"""The Cluster port: a StatefulSet in stages."""

from collections.abc import Iterator

import pytest

from bot.core.rollout import judge
from bot.core.workload import Image, Kind, Phase, SetImage
from tests.contract.cluster_kit import IMPLEMENTATIONS, Bench, Wanted, bench

TWO = SetImage("app", Image("registry.local/adder", "2"))


@pytest.fixture(params=IMPLEMENTATIONS)
def bot(request: pytest.FixtureRequest) -> Iterator[Bench]:
    with bench(request.param) as made:
        yield made


def test_a_partition_stages_the_pods_from_it_on_and_then_all(bot: Bench) -> None:
    before = bot.running(Wanted(kind=Kind.STATEFUL_SET))
    staged = bot.do(before, SetImage("app", TWO.image, partition=2))
    assert (staged.partition, staged.template != before.template) == (2, True)

    def is_new() -> list[str]:
        pods = bot.cluster.pods(bot.look())
        return sorted(p.name for p in pods if p.template == staged.template and p.ready)

    bot.kit.until(lambda: judge(bot.look()).phase is Phase.DONE, "the last pod new")
    assert is_new() == ["adder-2"]
    assert (judge(bot.look()).ready, judge(bot.look()).wanted) == (1, 1)
    rest = bot.do(bot.look(), SetImage("app", TWO.image, partition=0))
    assert (rest.partition, rest.template) == (0, staged.template)
    bot.rolled_out()
    assert is_new() == ["adder-0", "adder-1", "adder-2"]
