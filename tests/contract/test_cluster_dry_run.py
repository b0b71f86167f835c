"""The Cluster port: what would come of a change, without it."""

from collections.abc import Iterator

import pytest

from bot.core.difference import Difference
from bot.core.errors import NotFound
from bot.core.secret import MASK, Secret
from bot.core.workload import Image, Pause, Scale, SetEnv, SetImage, Undo
from tests.contract.cluster_kit import CAUSE, IMPLEMENTATIONS, Bench, Wanted, bench

TWO = SetImage("app", Image("registry.local/adder", "2"))


@pytest.fixture(params=IMPLEMENTATIONS)
def bot(request: pytest.FixtureRequest) -> Iterator[Bench]:
    with bench(request.param) as made:
        yield made


def test_a_dry_run_shows_it_and_changes_nothing(bot: Bench) -> None:
    before = bot.running(Wanted())
    peeked = bot.kit.peek("adder")
    shown = bot.cluster.dry_run(bot.step(before, TWO), CAUSE)
    assert shown.workload.containers[0].image == "registry.local/adder:2"
    assert shown.workload.template != before.template
    where = "spec.template.spec.containers[app].image"
    assert shown.differences == (Difference(where, "registry.local/adder:1", "registry.local/adder:2"),)
    assert bot.look() == before
    assert bot.kit.peek("adder") == peeked
    with pytest.raises(NotFound):
        bot.cluster.dry_run(bot.step(before, Undo(99)), CAUSE)


def test_a_dry_run_says_what_differs_and_no_value(bot: Bench) -> None:
    before = bot.running(Wanted(replicas=1))
    assert bot.cluster.dry_run(bot.step(before, Scale(3)), CAUSE).differences == (
        Difference("spec.replicas", "1", "3"),
    )
    env = SetEnv("app", ("MODE",), values=(Secret("hunter2"),))
    said = bot.cluster.dry_run(bot.step(before, env), CAUSE).differences
    assert said == (Difference("spec.template.spec.containers[app].env[MODE].value", None, MASK),)
    assert "hunter2" not in repr(said)
    (paused,) = bot.cluster.dry_run(bot.step(before, Pause()), CAUSE).differences
    assert (paused.where, paused.after) == ("spec.paused", "true")
    bot.do(before, TWO)
    back = bot.cluster.dry_run(bot.step(bot.rolled_out(), Undo(1)), CAUSE).differences
    where = "spec.template.spec.containers[app].image"
    assert back == (Difference(where, "registry.local/adder:2", "registry.local/adder:1"),)
