"""One cluster or namespace that cannot be read: answers about several environments show the others, and say so."""

import pytest

from bot.core.errors import Unavailable
from bot.core.model import Tone
from tests.unit.talk import Talk

AWAY = "staging is not shown: The cluster does not answer."


def away(bot: Talk, times: int) -> None:
    bot.cluster.fail(Unavailable("The cluster does not answer."), times=times)


def test_status_shows_what_can_be_seen(bot: Talk) -> None:
    away(bot, 1)
    reply = bot.say("status")
    assert (reply.title.partition(" · ")[0], reply.tone) == ("2 environments", Tone.WARNING)
    assert AWAY in reply.body
    assert reply.table
    assert {row[2] for row in reply.table.rows} == {"production"}


@pytest.mark.parametrize("order", ["status webapp", "history webapp", "why webapp"])
def test_so_do_the_answers_about_one_service(bot: Talk, order: str) -> None:
    away(bot, 1)
    reply = bot.say(order)
    assert AWAY in reply.body
    assert "production" in repr(reply)


@pytest.mark.parametrize("order", ["status", "status webapp", "history webapp", "why webapp"])
def test_where_nothing_can_be_seen_that_is_the_answer(bot: Talk, order: str) -> None:
    away(bot, 2)
    assert bot.say(order).title == "The cluster does not answer."


def test_nor_is_one_hidden_that_was_asked_for(bot: Talk) -> None:
    away(bot, 1)
    assert bot.say("status in staging").title == "The cluster does not answer."
