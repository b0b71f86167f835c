"""Rollouts to their real end: failures with their reason, remedies, other people's, restarts of the bot."""

from functools import partial
from pathlib import Path

from bot.core.model import CONSOLE, Change, Message, Order, Place, Request, Tone, Words
from tests.unit.talk import OPERATOR, Talk, talking


def test_a_crash_is_told_before_the_deadline_and_rolled_back_at_it(bot: Talk) -> None:
    key = bot.begin("deploy eventservice 77be001 to production")
    bot.until(lambda: any("stuck at 0 of 3" in t for t in bot.titles(key)))
    reply = bot.answer(key)
    assert reply.title == "eventservice → 77be001 in production · failed"
    assert reply.tone is Tone.BAD
    assert "3 old ones still serve." in reply.body
    assert "Crashes at start: exit 3" in reply.body
    assert "    panic: no database" in reply.body
    assert "Rolled back to 3f2a91c (revision 4), 3/3 ready." in reply.body
    assert "unlock eventservice in production" in reply.body
    assert bot.cluster.find("production", "micro", "eventservice").available == 3


def test_the_last_lines_stand_in_the_thread_of_the_failure(bot: Talk) -> None:
    """Found again and again until the verdict, and said once: they stay the same."""
    told: list[Message] = []
    bot.room.subscribe(lambda entry: told.append(entry.message))
    key = bot.begin("deploy eventservice 77be001 to production")
    bot.answer(key)
    lines, *again = [message for message in told if message.key == f"{key}:evidence"]
    assert lines.reply.title.startswith("Last lines of eventservice-")
    assert "    panic: no database" in lines.reply.body
    assert lines.place.thread == next(m.place.message for m in bot.messages() if m.key == key)
    assert not again


def test_after_a_rollback_the_service_is_locked_for_everything_but_a_rollback(bot: Talk) -> None:
    bot.say("deploy eventservice 77be001 to production")
    assert bot.say("restart eventservice in production").code == "locked"
    assert bot.say("rollback eventservice to 1 in production").code == ""


def test_the_rollback_stands_in_the_thread_of_the_failure(bot: Talk) -> None:
    key = bot.begin("deploy eventservice 77be001 to production")
    bot.answer(key)
    failure = next(m for m in bot.messages() if m.key == key)
    rollback = next(m for m in bot.messages() if m.key.startswith("order:remedy:"))
    assert rollback.place.thread == failure.place.message


def test_where_the_policy_is_leave_a_failure_stays_and_offers_the_rollback(bot: Talk) -> None:
    reply = bot.say("deploy eventservice 77be001 to staging")
    assert reply.title == "eventservice → 77be001 in staging · failed"
    assert "rollback eventservice to 2 in staging" in [b.command for b in reply.buttons]
    assert bot.store.locks() == []


def test_a_crash_after_the_rollout_fails_it_within_the_settle_time(tmp_path: Path) -> None:
    """What counts as rolled out for kubectl crashes 14 s later."""
    with talking(tmp_path, settle="20s") as bot:
        bot.push("webapp", "crash-2-after-5")
        assert (
            bot.say("deploy webapp crash-2-after-5 to staging").title == "webapp → crash-2-after-5 in staging · failed"
        )


def test_an_image_that_cannot_be_pulled_is_named(bot: Talk) -> None:
    reply = bot.say("deploy webapp b0a7de1 to staging")
    assert reply.title.endswith("failed")
    assert "Cannot pull registry.local:5000/webapp:b0a7de1" in reply.body


def test_what_never_becomes_ready_says_what_the_probe_answers(bot: Talk) -> None:
    reply = bot.say("deploy webapp d15ea5e to staging")
    assert reply.title.endswith("failed")
    assert "eadiness probe" in reply.body


def test_a_rollout_by_kubectl_is_announced_once_with_who_did_it(bot: Talk) -> None:
    bot.cluster.kubectl_set_image("micro", "webapp", "registry.local:5000/webapp:9ab01de", manager="kubectl-set")
    bot.until(lambda: any(m.reply.title == "webapp → 9ab01de in production · done" for m in bot.messages()))
    told = [m for m in bot.messages() if "webapp → 9ab01de" in m.reply.title]
    assert len(told) == 1
    assert [f.value for f in told[0].reply.fields if f.name == "by"] == ["kubectl-set, not through this bot"]


def test_rollouts_that_supersede_each_other_are_said_once_with_a_count(bot: Talk) -> None:
    """Two controllers at one workload: the first two by themselves, all others in one message to its verdict."""
    for tag in [*(f"slow-{60 + number}" for number in range(7)), "9ab01de"]:
        bot.cluster.kubectl_set_image("micro", "webapp", f"registry.local:5000/webapp:{tag}", manager="argocd")
        bot.pass_time(partial(_is_followed, bot, tag))
    bot.until(lambda: any("9ab01de in production · done" in m.reply.title for m in bot.messages()))
    told = [m for m in bot.messages() if m.reply.title.startswith("webapp →")]
    assert len(told) == 3
    assert told[-1].reply.title.startswith("webapp → 9ab01de in production · done · 8 rollouts in ")
    assert "    history webapp in production" in told[-1].reply.body


def test_who_is_on_call_is_called_once_beneath_what_failed(bot: Talk) -> None:
    """An edit rings nobody's telephone, so it is a message of its own: for stuck and failed together one."""
    bot.called = ("slack:S0ONCALL",)
    key = bot.begin("deploy eventservice 77be001 to staging")
    reply = bot.answer(key)
    assert reply.title == "eventservice → 77be001 in staging · failed"
    bot.restart()
    bot.until(lambda: any(m.reply.mentions for m in bot.messages()))
    calls = [m for m in bot.messages() if m.reply.mentions]
    assert [m.reply.mentions for m in calls] == [("slack:S0ONCALL",)]
    assert calls[0].reply.title.startswith("eventservice → 77be001 in staging · ")
    assert (calls[0].parent, calls[0].edits) == (key, 0)


def _is_followed(bot: Talk, tag: str) -> bool:
    return any(rollout.image == tag for rollout in bot.store.open_rollouts())


def test_a_shell_beside_a_bot_follows_its_own_orders_only(tmp_path: Path) -> None:
    with talking(tmp_path, lead=False) as bot:
        bot.cluster.kubectl_set_image("micro", "webapp", "registry.local:5000/webapp:9ab01de")
        assert bot.say("scale adderservice 3 in staging").title.endswith("done")
        assert not any("webapp" in m.reply.title for m in bot.messages())


def test_a_shell_beside_a_bot_takes_over_none_of_its_orders(tmp_path: Path) -> None:
    with talking(tmp_path, lead=False) as bot:
        bot.push("adderservice", "slow-20")
        key = bot.begin("deploy adderservice slow-20 to staging")
        bot.until(lambda: any("of 2 ready" in t for t in bot.titles(key)))
        bot.restart()
        bot.say("scale webapp 3 in staging")
        assert [r.order for r in bot.store.open_rollouts()] == [key]


def test_a_deleted_workload_ends_its_rollout(bot: Talk) -> None:
    key = bot.begin("deploy webapp d15ea5e to staging")
    bot.until(lambda: any("0 of 1" in t for t in bot.titles(key)))
    bot.cluster.delete("micro-staging", "webapp")
    said = bot.answer(key)
    assert (said.title, said.buttons) == ("webapp → d15ea5e in staging · deleted", ())
    assert said.body == "It was deleted meanwhile.\n    status in staging"


def test_a_restart_of_the_bot_goes_on_with_what_was_open(bot: Talk) -> None:
    """The second bot reads the first one's store and the same cluster, and says nothing twice."""
    bot.push("adderservice", "slow-20")
    key = bot.begin("deploy adderservice slow-20 to production")
    bot.until(lambda: any("of 6 ready" in t for t in bot.titles(key)))
    bot.restart()
    assert bot.answer(key).title == "adderservice → slow-20 in production · done"
    assert len([m for m in bot.messages() if "slow-20 in production" in m.reply.title]) == 1


def test_what_was_rolled_out_while_the_bot_was_away_gets_its_verdict(bot: Talk) -> None:
    bot.push("adderservice", "slow-20")
    key = bot.begin("deploy adderservice slow-20 to staging")
    bot.until(lambda: any("of 2 ready" in t for t in bot.titles(key)))
    bot.bot.stop()
    bot.pass_time(lambda: bot.cluster.find("staging", "micro-staging", "adderservice").updated == 2)
    bot.restart()
    assert bot.answer(key).title == "adderservice → slow-20 in staging · done"


def test_what_somebody_else_rolled_out_while_nobody_looked_is_told(bot: Talk) -> None:
    bot.say("deploy webapp 9ab01de to staging")
    bot.bot.stop()
    bot.cluster.kubectl_set_image("micro-staging", "webapp", "registry.local:5000/webapp:3f2a91c")
    bot.pass_time(lambda: bot.cluster.find("staging", "micro-staging", "webapp").ready == 1)
    bot.restart()
    bot.until(lambda: any(m.reply.title == "webapp → 3f2a91c in staging · done" for m in bot.messages()))


def test_an_order_that_was_cut_off_before_it_was_applied_is_told(bot: Talk) -> None:
    bot.bot.stop()
    request = Request("cut-off", OPERATOR, Place(CONSOLE, CONSOLE), "restart webapp in staging", bot.parts.clock.now())
    words = Words("restart", {"service": "webapp", "environment": "staging"})
    bot.store.open_order(Order(request, "restart", words, "webapp", "staging"), "died")
    bot.restart()
    reply = bot.answer("order:cut-off")
    assert reply.title == "restart webapp in staging · not carried out"
    assert "    restart webapp in staging" in reply.body


def test_an_order_that_was_cut_off_while_it_was_applied_may_be_done(bot: Talk) -> None:
    """A lock, say, leaves nothing under the order's name: where to look is said in place of a guess."""
    bot.bot.stop()
    text, now = 'lock webapp in staging "migration"', bot.parts.clock.now()
    words = Words("lock", {"service": "webapp", "environment": "staging", "reason": "migration"})
    order = Order(Request("cut-off", OPERATOR, Place(CONSOLE, CONSOLE), text, now), "lock", words, "webapp", "staging")
    bot.store.open_order(order, "died")
    bot.store.save_change(Change(order, (), now, "webapp in staging locked", "", "migration"))
    bot.restart()
    reply = bot.answer("order:cut-off")
    assert reply.title == "webapp in staging locked · may be done"
    assert "Nothing was changed" not in reply.body
    assert reply.body.endswith("\n    locks")
