"""A whole bot in a real Slack workspace that is not ours: orders typed, pressed and followed to their verdict."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from slack_sdk import WebClient

from bot.app import Bot
from bot.core.clock import Clock
from bot.parts import make_parts
from commands import load as load_commands
from config import load
from tests.contract.slack_gaps import Fault
from tests.contract.slack_kit import ANN, BOT, Slack, SlackKit, read, the_slack
from tests.e2e.slack_wire import Wire, wire
from tests.servers.process import until
from tests.unit.patient import PatientClock
from tests.unit.talk import CONFIG, SPEED

ROLES = "roles: {everything: {verbs: ['*'], people: [ann@example.test]}}"
PATIENCE = 90.0
SLOWLY = 3.0
"""For what has to happen in the middle of a rollout, or before a question is too old."""


class Ann:
    """She types into one channel, and reads what stands there."""

    def __init__(self, kit: SlackKit) -> None:
        self.kit = kit
        self.gaps = kit.slack.gaps
        self._control = kit.slack.server.control
        self.channel = kit.place.channel

    def mention(self, text: str, thread: str | None = None) -> None:
        said: dict[str, Any] = {"channel": self.channel, "user": ANN, "text": f"<@{BOT}> {text}"}
        self._control("message", {**said, "thread_ts": thread} if thread else said)

    def direct(self, text: str) -> None:
        self._control("message", {"channel": "D01ANN", "user": ANN, "text": text})

    def slash(self, command: str, text: str) -> None:
        said = {"channel": self.channel, "user": ANN, "command": command, "text": text, "appId": "A01APP"}
        self._control("command", said)

    def press(self, label: str) -> None:
        self.kit.press(label)

    def reads(self, channel: str | None = None) -> list[str]:
        return [read(m) for m in self.kit.slack.messages(channel or self.channel) if m.get("user") == BOT]

    def sees(self, *parts: str, channel: str | None = None) -> str:
        """Waits for a message that has all of it."""
        found: list[str] = []

        def seen() -> bool:
            found[:] = [text for text in self.reads(channel) if all(part in text for part in parts)]
            return bool(found)

        try:
            until(seen, repr(parts), PATIENCE)
        except TimeoutError as error:
            raise AssertionError(f"{error}; there stands:\n" + "\n---\n".join(self.reads(channel))) from None
        return found[-1]


class Office:
    """A bot that can be ended and started anew on the same store, cluster and Slack."""

    def __init__(self, folder: Path, production: str, clock: Clock) -> None:
        config = folder / "slack.yaml"
        config.write_text(CONFIG.format(folder=folder, more=ROLES, settle="2s", production=production))
        self.parts = make_parts(load(config, {}), clock)
        self.kit = SlackKit(the_slack(), self.parts.clock)
        self.bot = self._new()

    def restart(self) -> None:
        self.bot.stop()
        self.kit.restart()
        self.bot = self._new()
        self.bot.start()

    def _new(self) -> Bot:
        return Bot(self.parts, [self.kit.platform], lambda _event: {}, commands=load_commands(), lead=True)


@contextmanager
def running(folder: Path, production: str = "", speed: float = SPEED) -> Iterator[Office]:
    with PatientClock(speed) as clock:
        office = Office(folder, production, clock)
        office.bot.start()
        try:
            yield office
        finally:
            office.bot.stop()
            office.parts.close()


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with running(tmp_path) as office:
        yield office


@pytest.fixture
def ann(office: Office) -> Ann:
    return Ann(office.kit)


DEPLOY = "deploy webapp 9ab01de to staging"
ORDERS: dict[str, Callable[[Ann], None]] = {
    "mention": lambda ann: ann.mention(DEPLOY),
    "slash": lambda ann: ann.slash("/deploy", DEPLOY.removeprefix("deploy ")),
    "umbrella": lambda ann: ann.slash("/qd", DEPLOY),
}


@pytest.mark.parametrize("way", ORDERS)
def test_a_deploy_is_told_in_one_message(ann: Ann, way: str) -> None:
    ORDERS[way](ann)
    ann.sees("webapp → 9ab01de in staging · done")
    assert len(ann.reads()) == 1


def test_the_verdict_stands_though_somebody_deleted_the_message(tmp_path: Path) -> None:
    with running(tmp_path, speed=SLOWLY) as office:
        ann = Ann(office.kit)
        ann.mention(DEPLOY)
        ann.sees("webapp → 9ab01de in staging", "ready")
        [live] = [m for m in office.kit.slack.messages(ann.channel) if m.get("user") == BOT]
        WebClient("xoxb-test-token", office.kit.slack.server.api_url).chat_delete(channel=ann.channel, ts=live["ts"])
        ann.sees("webapp → 9ab01de in staging · done")
        assert len(ann.reads()) == 1


def test_in_a_direct_message(ann: Ann) -> None:
    ann.direct("status webapp")
    assert "webapp" in ann.sees("webapp", "ready", channel="D01ANN")


def test_in_a_thread_the_answer_stands_in_it(ann: Ann) -> None:
    ann.mention("status")
    ann.sees("services")
    parent = ann.kit.slack.messages(ann.channel)[0]["ts"]
    ann.mention("why webapp in staging", thread=parent)
    ann.sees("nothing is wrong that the cluster knows of")
    answer = ann.kit.slack.messages(ann.channel)[-1]
    assert (answer["user"], answer["thread_ts"]) == (BOT, parent)


def test_a_button_is_the_order_it_types(ann: Ann) -> None:
    ann.mention(DEPLOY)
    ann.sees("webapp → 9ab01de in staging · done")
    ann.press("Roll back")
    ann.sees("webapp back to", "in staging · done")


def test_a_change_is_confirmed_by_a_button(tmp_path: Path) -> None:
    with running(tmp_path, ", confirm: true", SLOWLY) as office:
        ann = Ann(office.kit)
        ann.mention("deploy webapp 9ab01de to production")
        ann.sees("webapp → 9ab01de in production · confirm?")
        ann.press("Confirm")
        ann.sees("webapp → 9ab01de in production · done")


def test_a_button_does_what_it_says_once(ann: Ann, office: Office) -> None:
    """The second press comes long after the first, when nobody remembers it."""
    ann.mention("restart webapp in staging --dry-run")
    ann.sees("dry run, nothing changed")
    ann.press("Do it")
    ann.sees("webapp restart in staging · done")
    office.restart()
    ann.press("Do it")
    ann.sees("That button was used already.")
    assert len([text for text in ann.reads() if "restart in staging · done" in text]) == 1


def test_what_is_no_order_is_refused_in_private_and_what_was_opened_where_it_stands(ann: Ann) -> None:
    ann.mention("deplyo webapp 9ab01de to staging")
    ann.sees("There is no order deplyo.")
    assert ann.kit.slack.messages(ann.channel)[-1]["ephemeral_to"] == ANN
    ann.mention("deploy webapp nothing-like-it to staging")
    ann.sees("No image nothing-like-it of webapp")
    assert "ephemeral_to" not in ann.kit.slack.messages(ann.channel)[-1]


def test_a_private_answer_is_not_lost_to_slack_that_takes_no_more_for_a_while(ann: Ann) -> None:
    ann.gaps.inject(Fault("chat.postEphemeral", 429, headers={"Retry-After": "1"}), Fault("chat.postEphemeral", 503))
    ann.mention("deplyo webapp 9ab01de to staging")
    ann.sees("There is no order deplyo.")
    assert len(ann.reads()) == 1


def test_slack_that_takes_no_more_for_a_while_loses_nothing(ann: Ann) -> None:
    late = {"Retry-After": "1"}
    ann.gaps.inject(
        *(Fault(method, 429, headers=late) for method in ("chat.postMessage", "chat.update", "chat.update"))
    )
    ann.mention(DEPLOY)
    ann.sees("webapp → 9ab01de in staging · done")
    assert len(ann.reads()) == 1


def test_an_answer_of_slack_that_got_lost_doubles_nothing(ann: Ann) -> None:
    ann.gaps.inject(Fault("chat.postMessage", 502, after=True))
    ann.mention(DEPLOY)
    ann.sees("webapp → 9ab01de in staging · done")
    assert len(ann.reads()) == 1
    assert "conversations.history" in ann.gaps.calls


def test_a_bot_that_starts_anew_in_the_middle_goes_on_in_the_same_message(tmp_path: Path) -> None:
    with running(tmp_path, speed=SLOWLY) as office:
        ann = Ann(office.kit)
        ann.mention("deploy adderservice 9ab01de to production")
        ann.sees("adderservice → 9ab01de in production", "ready")
        office.restart()
        ann.sees("adderservice → 9ab01de in production · done")
        assert len(ann.reads()) == 1


def test_a_socket_that_is_cut_in_the_middle_is_opened_again(tmp_path: Path) -> None:
    slack = the_slack()
    with (
        wire(int(slack.server.url.rpartition(":")[2])) as line,
        cut_through(slack, line),
        running(tmp_path, speed=SLOWLY) as office,
    ):
        ann = Ann(office.kit)
        ann.mention("deploy adderservice 9ab01de to production")
        ann.sees("adderservice → 9ab01de in production", "ready")
        line.cut()
        until(lambda: line.carried > 1 and office.kit.platform.healthy() is None, "a new socket", PATIENCE)
        ann.mention("status webapp in staging")
        ann.sees("webapp in staging", "1 of 1 ready")
        ann.sees("adderservice → 9ab01de in production · done")
        assert len(ann.reads()) == 2


@contextmanager
def cut_through(slack: Slack, line: Wire) -> Iterator[None]:
    slack.gaps.socket_port = line.port
    try:
        yield
    finally:
        slack.gaps.socket_port = None
