"""A shell beside a running bot, on one store: nothing is done twice, and the shell hears how it ended."""

from pathlib import Path

import pytest

from bot.app import Bot
from bot.core.model import Place
from bot.core.quiet import LOUD
from tests.unit.strict import StrictPlatform
from tests.unit.talk import ROOM, talking

CHANNEL = Place("slack", "C1")


@pytest.mark.parametrize("lead", [False, True], ids=["shell", "shell --lead"])
def test_a_shell_beside_a_run_acts_once(tmp_path: Path, lead: bool) -> None:
    """Whoever leads: what fails is mended once, told once in each place, and the shell reads its verdict."""
    with talking(tmp_path, lead=False) as bot:
        bot.bot.stop()
        slack, parts, commands = StrictPlatform("slack"), bot.parts, bot.commands
        bot.bot = Bot(parts, [bot.room], lambda _event: {ROOM: LOUD}, commands=commands, lead=lead)
        run = Bot(parts, [slack], lambda _event: {CHANNEL: LOUD}, commands=commands, lead=True)
        run.start()
        bot.bot.start()
        try:
            before = bot.cluster.find("production", "micro", "eventservice").generation
            bot.pass_time(lambda: run.poller.looking or bot.bot.poller.looking)
            assert "failed" in bot.say("deploy eventservice 77be001 to production").title
            bot.pass_time(lambda: "rollback" in [entry.verb for entry in bot.store.audit()])
            bot.pass_time(lambda: not bot.store.open_rollouts())
            changes = [entry.verb for entry in bot.store.audit() if entry.outcome == "applied"]
            assert sorted(changes) == ["deploy", "rollback"]
            now = bot.cluster.find("production", "micro", "eventservice")
            assert ("3f2a91c" in now.containers[0].image, now.generation - before) == (True, 2)
            told = [m.reply.title for m in bot.messages() if "77be001 in production" in m.reply.title]
            assert len(told) == 1
            assert [m.key for m in slack.stands.values()] == list(dict.fromkeys(m.key for m in slack.stands.values()))
        finally:
            run.stop()
