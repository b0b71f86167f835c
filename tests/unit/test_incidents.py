"""Trouble outside a rollout, as the room reads it: told once with its cause, in one message, until it is calm again."""

from datetime import timedelta

import pytest

from bot.core.model import Message, Tone
from tests.unit.away import Flaky, about, stand_on
from tests.unit.talk import Talk


def incidents(bot: Talk) -> list[Message]:
    """One for each that was told, as it stands now."""
    return list({m.key: m for m in bot.messages() if m.key.startswith("incident:")}.values())


def title(bot: Talk) -> str:
    found = incidents(bot)
    return found[0].reply.title if found else ""


def rolled_out(bot: Talk, tag: str) -> None:
    bot.push("webapp", tag)
    assert bot.say(f"deploy webapp {tag} to staging").title.endswith("done")


def lose_an_image(bot: Talk) -> None:
    workload = bot.cluster.find("production", "micro", "webapp")
    bot.cluster.lose_image(workload.containers[0].image)
    bot.cluster.kubectl_delete_pod("micro", bot.cluster.pods(workload)[0].name)


@pytest.mark.slow
def test_a_crash_loop_is_told_once_with_its_last_words_and_ends_with_the_rollback(bot: Talk) -> None:
    rolled_out(bot, "crash-2-after-60")
    bot.until(lambda: "crashes: exit 2" in title(bot))
    bot.until(lambda: "    panic: no database" in incidents(bot)[0].reply.body)
    (told,) = incidents(bot)
    assert told.reply.title.startswith("webapp in staging · crashes: exit 2 after 1 min")
    assert told.reply.tone is Tone.BAD
    assert "outside a rollout" in told.reply.body
    assert [b.command for b in told.reply.buttons] == ["why webapp in staging", "logs webapp in staging"]
    bot.say("rollback webapp in staging")
    bot.until(lambda: "calm again since" in title(bot))
    assert len(incidents(bot)) == 1
    assert incidents(bot)[0].reply.tone is Tone.GOOD


def test_a_kill_for_memory_is_told_at_the_first_time(bot: Talk) -> None:
    rolled_out(bot, "oom-after-60")
    bot.until(lambda: title(bot).startswith("webapp in staging · killed for memory"))


def test_an_image_that_is_gone_is_told_when_a_pod_needs_it(bot: Talk) -> None:
    lose_an_image(bot)
    bot.until(lambda: title(bot).startswith("webapp in production · cannot pull registry.local:5000/webapp"))


@pytest.mark.parametrize("call", ["recent_rollouts", "save_incident", "put_message"])
def test_what_begins_while_the_store_is_away_is_told_when_it_answers(bot: Talk, call: str) -> None:
    bot.bot.stop()
    lost: list[str] = []
    store = Flaky(bot.store, call, 3, lambda *given: bool(lost) and about("incident:")(*given))
    stand_on(bot, store)
    bot.until(lambda: bot.bot.poller.looking)
    lost.append("image")
    lose_an_image(bot)
    bot.until(lambda: title(bot).startswith("webapp in production · cannot pull registry.local:5000/webapp"))
    assert store.refused == 3
    assert len(incidents(bot)) == 1


@pytest.mark.parametrize("call", ["save_incident", "put_message"])
def test_what_ends_while_the_store_is_away_is_told_when_it_answers(bot: Talk, call: str) -> None:
    ends: list[str] = []
    store = Flaky(bot.store, call, 3, lambda *given: bool(ends) and about("incident:")(*given))
    stand_on(bot, store)
    lose_an_image(bot)
    bot.until(lambda: title(bot).startswith("webapp in production · cannot pull registry.local:5000/webapp"))
    ends.append("deleted")
    bot.cluster.delete("micro", "webapp")
    bot.until(lambda: incidents(bot)[0].final)
    bot.pass_time(lambda: not bot.store.open_incidents())
    assert store.refused == 3


def test_what_goes_on_is_known_before_anything_begins(bot: Talk) -> None:
    """The store is away when the next life asks for it: else it would be told once more."""
    lose_an_image(bot)
    bot.until(lambda: title(bot).startswith("webapp in production · cannot pull"))
    store = Flaky(bot.store, "open_incidents", 3)
    stand_on(bot, store)
    bot.pass_time(lambda: store.answered)
    bot.cluster.delete("micro", "webapp")
    bot.until(lambda: all(message.final for message in incidents(bot)))
    assert len(incidents(bot)) == 1
    assert store.refused == 3


@pytest.mark.slow
def test_what_a_failed_rollout_said_is_not_said_again(bot: Talk) -> None:
    key = bot.begin("deploy eventservice 77be001 to staging")
    assert bot.answer(key).title.endswith("failed")
    workload = bot.cluster.find("staging", "micro-staging", "eventservice")
    restarts = sum(p.restarts for p in bot.cluster.pods(workload))
    bot.pass_time(lambda: sum(p.restarts for p in bot.cluster.pods(workload)) > restarts)
    bot.restart()
    bot.pass_time(lambda: sum(p.restarts for p in bot.cluster.pods(workload)) > restarts + 1)
    assert incidents(bot) == []
    said = {m.key for m in bot.messages() if "77be001" in m.reply.title and not m.key.startswith("said:")}
    assert said == {key}


@pytest.mark.slow
def test_a_restart_neither_repeats_nor_loses(bot: Talk) -> None:
    """And what is in trouble since its rollout ended is no rollout."""
    rolled_out(bot, "crash-2-after-60")
    bot.until(lambda: "crashes: exit 2" in title(bot))
    spoken = {m.key for m in bot.messages()}
    bot.restart()
    workload = bot.cluster.find("staging", "micro-staging", "webapp")
    restarts = sum(p.restarts for p in bot.cluster.pods(workload))
    bot.pass_time(lambda: sum(p.restarts for p in bot.cluster.pods(workload)) > restarts)
    assert {m.key for m in bot.messages()} == spoken
    bot.say("rollback webapp in staging")
    bot.until(lambda: "calm again since" in title(bot))
    assert len(incidents(bot)) == 1


@pytest.mark.slow
def test_one_that_begins_while_nobody_looks_is_told_afterwards(bot: Talk) -> None:
    rolled_out(bot, "crash-2-after-60")
    bot.bot.stop()
    workload = bot.cluster.find("staging", "micro-staging", "webapp")
    bot.pass_time(lambda: sum(p.restarts for p in bot.cluster.pods(workload)) >= 2)
    bot.restart()
    bot.until(lambda: "crashes: exit 2" in title(bot))


@pytest.mark.slow
def test_what_is_deleted_is_calm(bot: Talk) -> None:
    rolled_out(bot, "crash-2-after-60")
    bot.until(lambda: "crashes: exit 2" in title(bot))
    bot.cluster.delete("micro-staging", "webapp")
    bot.until(lambda: incidents(bot)[0].final)
    assert bot.store.open_incidents() == []


@pytest.mark.parametrize("tag", ["slow-5", "9ab01de"])
def test_healthy_pods_cost_no_call(bot: Talk, tag: str) -> None:
    """Every pod of the start was seen by then; nobody asked for events or logs."""
    rolled_out(bot, tag)
    asked = bot.parts.clock.now() + timedelta(seconds=20)
    bot.pass_time(lambda: bot.parts.clock.now() > asked)
    assert incidents(bot) == []
    assert bot.store.open_incidents() == []
