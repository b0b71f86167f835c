"""What one person sees at a glance, and nothing that an order would not tell the same person."""

from bot.core.errors import Unavailable
from bot.core.model import Reply, Who
from bot.engine.home import Home
from tests.unit.talk import DEV, LEAD, OPERATOR, STRANGER, Talk
from tests.unit.test_agreeing import DEPLOY, DEPUTY, SHOWN, approving, asks, confirming

__all__ = ["approving", "confirming"]


def page(bot: Talk, who: Who = OPERATOR) -> dict[str, Reply]:
    return {reply.title: reply for reply in Home(bot.bot.ports).page(who)}


def cells(reply: Reply) -> list[str]:
    return [str(cell) for row in (reply.table.rows if reply.table else ()) for cell in row]


def test_when_nothing_happens_it_is_the_overview(bot: Talk) -> None:
    overview, mine = page(bot).values()
    assert overview.title == "2 environments · 4 services"
    assert (mine.title, mine.body) == ("You gave no order yet", "    help")


def test_what_is_under_way_comes_first_and_the_persons_own_orders_last(guarded: Talk) -> None:
    seen: dict[str, Reply] = {}

    def shows_it() -> bool:
        seen.clear()
        seen.update(page(guarded, DEV))
        return "1 rollout under way" in seen

    guarded.push("webapp", "slow-60")
    key = guarded.begin("deploy webapp slow-60 to staging", DEV)
    guarded.pass_time(shows_it)
    first, _overview, last = seen.values()
    assert {"webapp", "staging", "slow-60"} <= set(cells(first))
    assert [button.command for button in first.buttons] == ["why webapp in staging"]
    guarded.answer(key)
    assert "1 rollout under way" not in page(guarded, DEV)
    assert "deploy webapp slow-60 to staging" in cells(last)
    assert "Your last orders" not in page(guarded, STRANGER)


def test_how_an_order_ended_is_in_words(guarded: Talk) -> None:
    guarded.say("deploy webapp nosuch to staging", DEV)
    assert "not found" in cells(page(guarded, DEV)["Your last orders"])


def test_what_cannot_be_told_says_so_and_the_rest_stands(bot: Talk) -> None:
    bot.cluster.fail(Unavailable("The cluster does not answer."), times=9)
    titles = list(page(bot))
    assert "The cluster does not answer." in titles
    assert "You gave no order yet" in titles


def test_what_waits_for_somebody_is_the_first_they_see_and_nobody_else_sees_it(approving: Talk) -> None:
    asks(approving, DEPLOY, DEV)
    assert next(iter(page(approving, LEAD))) == f"{SHOWN} · waits for approval, 0 of 2"
    assert [b.command for b in next(iter(page(approving, LEAD).values())).buttons] == ["approve 1", "reject 1"]
    approving.say("approve 1", LEAD)
    waiting = f"{SHOWN} · waits for approval, 1 of 2"
    assert [waiting in page(approving, who) for who in (DEPUTY, LEAD, DEV, STRANGER)] == [True, False, False, False]


def test_what_is_to_be_confirmed_waits_for_who_ordered_it(confirming: Talk) -> None:
    asks(confirming, DEPLOY, DEV)
    assert [f"{SHOWN} · confirm?" in page(confirming, who) for who in (DEV, LEAD)] == [True, False]
