"""A token that Slack takes no more: readiness says so, and the other platform goes on."""

import asyncio
from pathlib import Path

from bot.app import Bot
from bot.chat.console.room import Room
from bot.clock import ScaledClock
from bot.core.model import Place
from bot.core.quiet import LOUD
from bot.parts import make_parts
from bot.web.health import health_routes
from commands import load as load_commands
from config import load
from tests.contract.slack_gaps import serving
from tests.servers.process import until
from tests.unit.slack_stub import Slack, Stub, slack
from tests.unit.talk import CONFIG, OPERATOR, PATIENCE, ROOM, SPEED

FAST = 600
REVOKED = {"error": "token_revoked"}


def test_readiness_says_so_and_the_other_platform_goes_on(tmp_path: Path) -> None:
    config = tmp_path / "revoked.yaml"
    config.write_text(CONFIG.format(folder=tmp_path, more="", settle="2s", production=""))
    parts = make_parts(load(config, {}), ScaledClock(SPEED))
    stub, room = Stub(), Room(parts.clock)
    stub.says.update(dict.fromkeys(("auth.test", "chat.postMessage", "conversations.history"), REVOKED))
    with serving(stub.answer) as url:
        stub.url = url
        talk = Slack(stub, parts.clock, None, None)
        heard = dict.fromkeys((ROOM, Place("slack", "C1")), LOUD)
        bot = Bot(parts, [talk.platform, room], lambda _event: heard, commands=load_commands(), lead=True)
        bot.start()
        try:
            order = room.say("deploy webapp 9ab01de to staging", OPERATOR)
            told = room.wait_for(f"order:{order.id}", PATIENCE)
            assert told.reply.title == "webapp → 9ab01de in staging · done"
            stub.asked_for("conversations.history")
            assert readiness(talk) == (503, "slack: Slack does not accept the bot's token: token_revoked.\n")
        finally:
            bot.stop()
            parts.close()


def test_it_is_noticed_while_nobody_orders_and_so_is_a_token_that_is_taken_again() -> None:
    with slack(clock=ScaledClock(FAST)) as talk:
        assert readiness(talk) == (200, "ready\n")
        taken = talk.stub.says["auth.test"]
        talk.stub.says["auth.test"] = REVOKED
        until(lambda: readiness(talk)[0] == 503, "a token that is not taken", PATIENCE)
        talk.stub.says["auth.test"] = taken
        until(lambda: readiness(talk)[0] == 200, "a token that is taken again", PATIENCE)


def readiness(talk: Slack) -> tuple[int, str]:
    route = next(route for route in health_routes({"slack": talk.platform.healthy}) if route.path == "/readyz")
    response = asyncio.run(route.endpoint(None))
    return response.status_code, response.body.decode()
