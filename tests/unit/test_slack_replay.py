"""Slack delivers again what it believes to be lost, and to whichever replica it likes: each order runs once."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from bot.app import Bot
from bot.clock import ScaledClock
from bot.parts import Parts, make_parts
from commands import load as load_commands
from config import load
from tests.contract.slack_gaps import serving
from tests.unit.slack_stub import Slack, Stub
from tests.unit.talk import CONFIG, SPEED
from tests.unit.test_slack_form import submission

ROLES = "roles: {everything: {verbs: ['*'], people: [dev1@example.com]}}"
DELIVERIES = 3
WAYS: dict[str, Callable[[Slack], object]] = {
    "mention": lambda talk: talk.mention("<@U0BOT> scale webapp 4 in staging"),
    "slash": lambda talk: talk.slash("/scale", "webapp 4 in staging"),
    "button": lambda talk: talk.press("scale webapp 4 in staging"),
    "form": lambda talk: talk.interact(submission(service="webapp", version="9ab01de", environment="staging")),
}


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    config = tmp_path / "replay.yaml"
    config.write_text(CONFIG.format(folder=tmp_path, more=ROLES, settle="2s", production=""))
    parts = make_parts(load(config, {}), ScaledClock(SPEED))
    yield parts
    parts.close()


@contextmanager
def replica(parts: Parts) -> Iterator[Slack]:
    """What was heard is carried out before it ends."""
    stub = Stub()
    with serving(stub.answer) as url:
        stub.url = url
        talk = Slack(stub, parts.clock, None, None)
        bot = Bot(parts, [talk.platform], lambda _event: {}, commands=load_commands(), lead=False)
        bot.start()
        try:
            yield talk
        finally:
            bot.stop()


@pytest.mark.parametrize("way", WAYS)
def test_what_is_delivered_again_and_elsewhere_runs_once(parts: Parts, way: str) -> None:
    with ExitStack() as stack:
        replicas = [stack.enter_context(replica(parts)) for _ in range(2)]
        for retries in range(DELIVERIES):
            for talk in replicas:
                talk.retries = retries
                WAYS[way](talk)
    entries = parts.store.audit()
    assert [(entry.verb, entry.outcome) for entry in entries] == [("deploy" if way == "form" else "scale", "applied")]
