"""One cluster or namespace that cannot be read: answers about several environments show the others, and say so."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.core.errors import Unavailable
from bot.core.events import TagFound
from bot.core.model import Request, Tone
from bot.core.workload import Image
from tests.unit.talk import Talk, talking
from tests.unit.test_polling import REPOSITORY

AWAY = "staging is not shown: The cluster does not answer."


@pytest.fixture
def bot(tmp_path: Path) -> Iterator[Talk]:
    """Nothing else of it asks the cluster, so nothing else meets what it refuses."""
    with talking(tmp_path, lead=False) as talk:
        yield talk


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


def test_images_are_shown_and_where_they_may_run_besides_is_said(bot: Talk) -> None:
    away(bot, 1)
    reply = bot.say("images webapp")
    assert AWAY in reply.body
    assert reply.table
    assert {row[-1] for row in reply.table.rows} == {"", "production"}


def test_images_are_known_without_any_cluster_where_the_catalogue_says_whose(bot: Talk) -> None:
    away(bot, 2)
    reply = bot.say("images webapp")
    assert "Where it runs is not shown: The cluster does not answer." in reply.body
    assert reply.table


def test_a_search_says_once_what_it_could_not_see(bot: Talk) -> None:
    away(bot, 1)
    assert AWAY in bot.say("images webapp --find 9ab0").body


def test_nor_is_one_hidden_that_was_asked_for(bot: Talk) -> None:
    away(bot, 1)
    assert bot.say("status in staging").title == "The cluster does not answer."


def test_of_those_that_wait_one_cluster_that_is_away_keeps_no_other(tmp_path: Path) -> None:
    second = "registry.local:5000/auditservice"
    watch = "{tags: sha, every: 1h, auto: staging}"
    more = f"  auditservice: {{repository: {second}, default_environment: staging, watch: {watch}}}\n"
    with talking(tmp_path, more=more, lead=False) as bot:
        for service, repository in (("adderservice", REPOSITORY), ("auditservice", second)):
            image = bot.registry.push(Image(repository, "abcdef1", created=bot.parts.clock.now()))
            bot.store.put_off(TagFound(service, image), "staging")
        bot.cluster.fail(Unavailable("The cluster does not answer."), times=1)
        given: list[Request] = []
        bot.bot.poller.take_up(given.append)
        assert [request.text.split("@")[0] for request in given] == ["deploy auditservice abcdef1"]
        assert [found.service for found, _ in bot.store.waiting_deploys()] == ["adderservice"]
