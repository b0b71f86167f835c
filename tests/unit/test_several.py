"""Several workloads make one service: one order, one message, and its verdict says of each what became of it."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from bot.cluster.memory import Spec, single
from bot.core.model import CONSOLE, Change, Order, Place, Reply, Request, Tone, Words
from bot.engine.applying import cause
from bot.ports import Command, Ports
from commands import pause, restart, scale
from tests.unit.talk import OPERATOR, Talk, talking

SHOP = """
  shop:
    repository: registry.local:5000/webapp
    workloads: [{kind: Deployment, name: shop-web}, {kind: Deployment, name: shop-worker}]
"""
OLD, NEW = "registry.local:5000/webapp:3f2a91c", "registry.local:5000/webapp:9ab01de"
WHERE = "staging", "micro-staging"


def late(command: Command, usage: str) -> Command:
    """Somebody else changes the worker between its plan and its apply."""

    def plan(ports: Ports, order: Order) -> Change | Reply:
        planned = command.plan(ports, order)
        ports.clusters["test"].kubectl_set_image("micro-staging", "shop-worker", NEW)  # type: ignore[attr-defined]
        return planned

    return replace(command, usage=usage, examples=(f"{usage.split()[0]} shop",), plan=plan)


LATE = {
    "late": late(restart.COMMAND, "late <service> [in <environment>]"),
    "halt": late(pause.COMMAND, "halt <service> [in <environment>]"),
}


@pytest.fixture
def bot(tmp_path: Path) -> Iterator[Talk]:
    with talking(tmp_path, more=SHOP, commands=LATE) as talk:
        for name in ("shop-web", "shop-worker"):
            talk.cluster.seed("micro-staging", Spec(name, single(OLD)))
        yield talk


def cut_off(bot: Talk, words: Words, command: Command, *, after: int) -> str:
    """As a crash leaves an order that came to so many of its workloads."""
    request = Request("cut-off", OPERATOR, Place(CONSOLE, CONSOLE), "as typed", bot.parts.clock.now())
    order = Order(request, command.verb, words, "shop", "staging")
    change = command.plan(bot.bot.ports, order)
    assert isinstance(change, Change)
    assert len(change.steps) == 2
    bot.store.open_order(order, "died")
    bot.store.save_change(change)
    for step in change.steps[:after]:
        bot.cluster.apply(step, cause(change))
    return order.key


def is_new(bot: Talk, name: str) -> bool:
    return bot.cluster.find(*WHERE, name).updated_ready == 1


def in_staging(name: str, **more: str) -> Words:
    return Words(name, {"service": "shop", "environment": "staging", **more})


def test_an_order_for_two_workloads_is_one_message_with_the_worst_verdict(bot: Talk) -> None:
    key = bot.begin("deploy shop 9ab01de to staging")
    reply = bot.answer(key)
    assert reply.title == "shop → 9ab01de in staging · done"
    assert reply.table is not None
    assert sorted(str(row[0]) for row in reply.table.rows) == ["Deployment shop-web", "Deployment shop-worker"]
    assert len(bot.titles(key)) == 1


def test_where_the_second_is_refused_the_verdict_of_the_first_says_so(bot: Talk) -> None:
    reply = bot.say("late shop in staging")
    assert (reply.title, reply.tone) == ("shop restart in staging · done, but not shop-worker", Tone.WARNING)
    assert reply.code == "in_part"
    assert "shop-worker is as before: shop-worker changed meanwhile. kubectl wrote another template." in reply.body
    (entry,) = bot.store.audit(service="shop", outcomes=["applied"])
    assert entry.after.endswith(", but not shop-worker")


def test_where_nothing_rolls_out_the_refusal_names_what_was_changed(bot: Talk) -> None:
    reply = bot.say("halt shop in staging")
    assert (reply.title, reply.code) == ("shop-worker changed meanwhile.", "conflict")
    assert "Changed already: shop-web." in reply.body


def test_a_crash_between_two_workloads_ends_with_the_first(bot: Talk) -> None:
    bot.bot.stop()
    key = cut_off(bot, in_staging("restart"), restart.COMMAND, after=1)
    bot.restart()
    reply = bot.answer(key)
    assert reply.title == "shop restart in staging · done, but not shop-worker"
    assert "shop-worker is as before: Quarterdeck restarted before it came to that." in reply.body


def test_a_crash_between_two_workloads_that_are_scaled(bot: Talk) -> None:
    bot.bot.stop()
    key = cut_off(bot, in_staging("scale", replicas="3"), scale.COMMAND, after=1)
    bot.restart()
    assert bot.answer(key).title.endswith("done, but not shop-worker")


def test_both_are_told_where_both_had_ended_before_anybody_looked(bot: Talk) -> None:
    """The second has no rollout yet when the first one has: each is looked for by itself."""
    bot.bot.stop()
    key = cut_off(bot, in_staging("restart"), restart.COMMAND, after=2)
    for name in ("shop-web", "shop-worker"):
        bot.pass_time(partial(is_new, bot, name))
    bot.restart()
    assert bot.answer(key).title == "shop restart in staging · done"
    assert {r.target.name for r in bot.store.rollouts_of(key)} == {"shop-web", "shop-worker"}
