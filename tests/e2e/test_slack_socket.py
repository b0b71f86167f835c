"""Slack ends its sockets itself every few hours, and says so before: orders go on being heard."""

import json
from collections.abc import Iterator
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Event, Thread, current_thread

import pytest
from slack_sdk.socket_mode.builtin.connection import Connection

from bot.core.model import Request
from tests.contract.slack_gaps import Fault
from tests.contract.slack_kit import SlackKit, the_slack
from tests.e2e.slack_wire import Wire, wire
from tests.e2e.test_slack import PATIENCE, cut_through
from tests.servers.process import until


@pytest.fixture
def line() -> Iterator[Wire]:
    slack = the_slack()
    with wire(int(slack.server.url.rpartition(":")[2])) as line, cut_through(slack, line):
        yield line


TRIES = 10


class Listener(SlackKit):
    """What it heard waits in a queue."""

    def __init__(self) -> None:
        super().__init__(the_slack())
        self._heard: SimpleQueue[Request] = SimpleQueue()
        self.platform.start(self._heard.put)

    def hears(self, order: str) -> None:
        """What is said on a socket that ends just then is lost here, while Slack says it again."""
        for _ in range(TRIES):
            self.says(order)
            with suppress(Empty):
                assert self._heard.get(timeout=PATIENCE / TRIES).text == order
                return
        raise AssertionError(f"{order} was not heard")


@pytest.fixture
def kit(line: Wire) -> Iterator[Listener]:
    """Its socket stands on the line, on which nothing is said until somebody says something."""
    kit = Listener()
    kit.hears("status")
    yield kit
    kit.platform.stop()


def told(reason: str) -> bytes:
    """A frame of the server's, unmasked."""
    said = json.dumps({"type": "disconnect", "reason": reason}).encode()
    return bytes([0x81, len(said)]) + said


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
def test_a_socket_that_slack_announces_to_end_is_opened_anew(kit: Listener, line: Wire, reason: str) -> None:
    before = line.carried
    line.send(told(reason))
    until(lambda: line.carried > before and kit.platform.healthy() is None, "a new socket", PATIENCE)
    kit.hears("why webapp")


def test_where_none_is_to_be_had_just_then_it_is_opened_when_the_old_one_ends(kit: Listener, line: Wire) -> None:
    opened = kit.slack.gaps.calls.count("apps.connections.open")
    kit.slack.gaps.inject(Fault("apps.connections.open", 429, headers={"Retry-After": "1"}))
    line.send(told("refresh_requested"))
    until(lambda: kit.slack.gaps.calls.count("apps.connections.open") > opened, "the refusal", PATIENCE)
    before = line.carried
    line.cut()
    until(lambda: line.carried > before and kit.platform.healthy() is None, "a new socket", PATIENCE)
    kit.hears("why webapp")


def test_a_bot_stops_also_in_the_moment_when_it_begins_to_listen(monkeypatch: pytest.MonkeyPatch) -> None:
    stands, leave = Connection.is_active, Connection.disconnect
    found, left = Event(), Event()

    def found_standing(session: Connection) -> bool:
        standing = stands(session)
        if standing and current_thread().name.endswith("(_run)") and not found.is_set():
            found.set()
            assert left.wait(PATIENCE)
        return standing

    def end(session: Connection) -> None:
        leave(session)
        left.set()

    monkeypatch.setattr(Connection, "is_active", found_standing)
    monkeypatch.setattr(Connection, "disconnect", end)
    kit = SlackKit(the_slack())
    kit.platform.start(lambda request: None)
    assert found.wait(PATIENCE)
    stopping = Thread(target=kit.platform.stop, daemon=True)
    stopping.start()
    stopping.join(PATIENCE)
    assert not stopping.is_alive()
