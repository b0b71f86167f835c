"""Slack ends its sockets itself every few hours, and says so before: orders go on being heard."""

import json
from collections.abc import Iterator
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Event, Thread, current_thread

import pytest
from slack_sdk.socket_mode.builtin.connection import Connection, ConnectionState
from slack_sdk.socket_mode.interval_runner import IntervalRunner

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
NO_MORE = Fault("apps.connections.open", 429, headers={"Retry-After": "300"})


class Listener(SlackKit):
    """What it heard waits in a queue."""

    def __init__(self) -> None:
        super().__init__(the_slack())
        self._heard: SimpleQueue[Request] = SimpleQueue()
        self.platform.start(self._heard.put)

    def hears(self, order: str) -> None:
        """What is said on a socket that ends just then is lost here, while Slack says it again; or it comes twice."""
        for _ in range(TRIES):
            self.says(order)
            with suppress(Empty):
                while self._heard.get(timeout=PATIENCE / TRIES).text != order:
                    pass
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
    """However long Slack says to wait, the old one is listened to."""
    opened = kit.slack.gaps.calls.count("apps.connections.open")
    kit.slack.gaps.inject(NO_MORE)
    line.send(told("refresh_requested"))
    until(lambda: kit.slack.gaps.calls.count("apps.connections.open") > opened, "the refusal", PATIENCE)
    kit.hears("help")
    before = line.carried
    line.cut()
    until(lambda: line.carried > before and kit.platform.healthy() is None, "a new socket", PATIENCE)
    kit.hears("why webapp")


def stops(kit: SlackKit) -> bool:
    stopping = Thread(target=kit.platform.stop, daemon=True)
    stopping.start()
    stopping.join(PATIENCE)
    return not stopping.is_alive()


def test_a_slack_that_opens_no_sockets_for_minutes_holds_up_neither_the_start_nor_the_end() -> None:
    kit = SlackKit(the_slack())
    kit.slack.gaps.inject(NO_MORE)
    kit.platform.start(lambda request: None)
    assert kit.platform.healthy() == "Slack does not open a socket: ratelimited."
    assert stops(kit)


def test_a_socket_that_is_just_being_opened_anew_ends_with_the_bot(
    kit: Listener, line: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_it, read_it, shut_down = Connection.connect, Connection.run_until_completion, IntervalRunner.shutdown
    opening, closed, read = Event(), Event(), Event()
    opened: list[Connection] = []

    def open_slowly(session: Connection) -> None:
        opened.append(session)
        opening.set()
        assert closed.wait(PATIENCE)
        open_it(session)

    def reading(session: Connection, state: ConnectionState) -> None:
        if session in opened:
            read.set()
        read_it(session, state)

    def end(runner: IntervalRunner) -> None:
        closed.set()
        assert read.wait(PATIENCE)
        shut_down(runner)  # type: ignore[no-untyped-call]

    monkeypatch.setattr(Connection, "connect", open_slowly)
    monkeypatch.setattr(Connection, "run_until_completion", reading)
    monkeypatch.setattr(IntervalRunner, "shutdown", end)
    line.send(told("refresh_requested"))
    assert opening.wait(PATIENCE)
    assert stops(kit)
    assert not opened[0].is_active()


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
    assert stops(kit)
