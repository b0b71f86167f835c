"""What a person reads who knows no order yet."""

from pathlib import Path

from bot.core.model import Reply
from bot.ports import Command
from tests.unit.talk import Talk, talking


def test_help_fits_one_screen_and_knows_every_order(bot: Talk) -> None:
    reply = bot.say("help")
    lines = reply.body.splitlines()
    named = [name for line in lines for name in line.partition(": ")[2].split(", ") if name]
    assert (len(lines) < 12, max(map(len, lines)) < 76) == (True, True)
    assert named == list(bot.commands)
    assert reply.private
    assert bot.say("help me please") == reply
    table = bot.say("help all").table
    assert table
    assert [row[0] for row in table.rows] == list(bot.commands)


def test_help_names_the_order_of_another_package_too(tmp_path: Path) -> None:
    ping = Command(
        usage="ping", summary="answers", verb="read", examples=("ping",), plan=lambda _, __: Reply(title="pong")
    )
    with talking(tmp_path, commands={"ping": ping}) as bot:
        assert "More: ping" in bot.say("help").body.splitlines()
