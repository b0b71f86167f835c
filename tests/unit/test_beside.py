"""A shell beside a running bot, on one store: nothing is done twice, and the shell hears how it ended."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.app import Bot
from bot.core.model import Place
from bot.core.quiet import LOUD
from bot.core.workload import Phase
from tests.unit.strict import StrictPlatform
from tests.unit.talk import ROOM, Talk, talking

CHANNEL = Place("slack", "C1")


@contextmanager
def beside(folder: Path, *, lead: bool = False) -> Iterator[tuple[Talk, StrictPlatform]]:
    """The shell, which has the terminal alone, and what stands in the channel of the bot that runs."""
    with talking(folder, lead=False) as bot:
        bot.bot.stop()
        slack, parts, commands = StrictPlatform("slack"), bot.parts, bot.commands
        bot.bot = Bot(parts, [bot.room], lambda _event: {ROOM: LOUD}, commands=commands, lead=lead)
        run = Bot(parts, [slack], lambda _event: {CHANNEL: LOUD}, commands=commands, lead=True)
        run.start()
        bot.bot.start()
        try:
            bot.pass_time(lambda: run.poller.looking or bot.bot.poller.looking)
            yield bot, slack
        finally:
            run.stop()


@pytest.mark.parametrize("lead", [False, True], ids=["shell", "shell --lead"])
def test_what_fails_is_mended_once_and_both_hear_of_it(tmp_path: Path, lead: bool) -> None:
    with beside(tmp_path, lead=lead) as (bot, slack):
        before = bot.cluster.find("production", "micro", "eventservice").generation
        reply = bot.say("deploy eventservice 77be001 to production")
        assert reply.title == "eventservice → 77be001 in production · failed"
        assert "Rolled back to 3f2a91c" in reply.body
        now = bot.cluster.find("production", "micro", "eventservice")
        assert ("3f2a91c" in now.containers[0].image, now.generation - before) == (True, 2)
        bot.pass_time(lambda: all(message.final for message in list(slack.stands.values())))
        changes = {(entry.verb, entry.request) for entry in bot.store.audit() if entry.outcome == "applied"}
        assert sorted(verb for verb, _ in changes) == ["deploy", "rollback"]
        told = [m.reply.title for m in [*bot.messages(), *slack.stands.values()] if m.reply.title == reply.title]
        assert len(told) == 2


def test_what_somebody_else_rolls_out_over_it_is_not_taken_for_it(tmp_path: Path) -> None:
    with beside(tmp_path) as (bot, _slack):
        key = bot.begin("deploy eventservice d15ea5e to staging")
        bot.until(lambda: any("of 1 ready" in title for title in bot.titles(key)))
        bot.cluster.kubectl_set_image("micro-staging", "eventservice", "registry.local:5000/eventservice:9ab01de")
        reply = bot.answer(key)
        assert (reply.title, reply.code) == (
            "eventservice → d15ea5e in staging · superseded by 9ab01de",
            "superseded",
        )
        bot.pass_time(lambda: [r.phase for r in bot.store.rollouts_of(key)] == [Phase.SUPERSEDED])
