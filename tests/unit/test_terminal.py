"""The terminal as hands and eyes meet it: keys go in through a pipe, what is drawn comes out as text."""

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.data_structures import Size
from prompt_toolkit.document import Document
from prompt_toolkit.history import History, InMemoryHistory
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output.vt100 import Vt100_Output

from bot.chat.console.keys import DiscreetHistory, OrderCompleter, open_history
from bot.chat.console.room import Room
from bot.chat.console.terminal import Terminal
from bot.core.model import Message, Place, Reply, Request, Tone, Who

WHO = Who(platform="console", id="oncall", name="oncall")
HERE = Place("console", "console")
WAIT = 20.0
RED = "\x1b[0;31;1m"


class StillClock:
    def now(self) -> datetime:
        return datetime(2026, 11, 3, 14, 32, tzinfo=UTC)

    def real(self, seconds: float) -> float:
        return seconds


class Screen(io.StringIO):
    """What was drawn so far; tests wait for words on it."""

    encoding = "utf-8"

    def __init__(self) -> None:
        super().__init__()
        self._drawn = threading.Condition()

    def write(self, text: str) -> int:
        with self._drawn:
            self._drawn.notify_all()
            return super().write(text)

    def shows(self, words: str, times: int = 1) -> bool:
        with self._drawn:
            return self._drawn.wait_for(lambda: self.getvalue().count(words) >= times, WAIT)


class Sitting:
    """Somebody at a terminal."""

    def __init__(self, keys: PipeInput, history: History) -> None:
        self.keys, self.screen, self.room = keys, Screen(), Room(StillClock())
        self.received: list[Request] = []
        self.room.start(self.received.append)
        output = Vt100_Output(self.screen, lambda: Size(rows=40, columns=100), enable_cpr=False)
        terminal = Terminal(self.room, WHO, lambda text: ["status"], history=history, input=keys, output=output)
        self.thread = threading.Thread(target=terminal.run)
        self.thread.start()
        assert self.screen.shows("›")

    def ends(self) -> bool:
        self.thread.join(WAIT)
        return not self.thread.is_alive()


@contextmanager
def sitting(history: History | None = None) -> Iterator[Sitting]:
    with create_pipe_input() as keys:
        one = Sitting(keys, history or InMemoryHistory())
        yield one
        keys.send_text("\x03\x03\x03")
        assert one.ends()


def test_an_order_is_given_and_its_answer_printed() -> None:
    with sitting() as at:
        at.keys.send_text("status\r")
        assert at.screen.shows("› status")
        at.room.post(Message("a", HERE, Reply("6 services", Tone.GOOD)))
        assert at.screen.shows("✓ 6 services")
    assert [request.text for request in at.received] == ["status"]


def test_what_is_ordered_elsewhere_is_seen_too() -> None:
    with sitting() as at:
        at.room.say("why webapp", WHO)
        assert at.screen.shows("› why webapp")


def test_a_live_message_changes_above_the_prompt_and_is_printed_when_final() -> None:
    with sitting() as at:
        place = at.room.post(Message("a", HERE, Reply("webapp · 1 of 2 ready", Tone.WORKING), final=False))
        assert at.screen.shows("1 of 2 ready")
        at.room.edit(place, Message("a", HERE, Reply("webapp · done", Tone.GOOD)))
        assert at.screen.shows("✓ webapp · done")


def test_ctrl_c_takes_the_line_away_and_twice_ends_it() -> None:
    with sitting() as at:
        at.keys.send_text("deploy everything\x03status\r")
        assert at.screen.shows("› status")
        at.keys.send_text("\x03\x03")
        assert at.ends()
    assert [request.text for request in at.received] == ["status"]


def test_lines_that_are_pasted_are_an_order_each_once_they_are_given() -> None:
    with sitting() as at:
        at.keys.send_text("\x1b[200~status webapp\r\n\r\nlocks\r\n\x1b[201~\r")
        assert at.screen.shows("› locks")
        at.keys.send_text("\x1b[200~exit\rstatus\rexit\x1b[201~\r")
        assert at.ends()
    assert [request.text for request in at.received] == ["status webapp", "locks"]


@pytest.mark.parametrize("keys", ["\x04", "exit\r", "Quit \r"])
def test_what_ends_it(keys: str) -> None:
    with sitting() as at:
        at.keys.send_text(keys)
        assert at.ends()
    assert at.received == []


def test_what_was_answered_cannot_drive_the_terminal() -> None:
    with sitting() as at:
        at.room.post(Message("a", HERE, Reply("\x1b]0;owned\x07", body="\x1b[2J")))
        assert at.screen.shows("\\x1b]0;owned\\x07")
        assert at.screen.shows("\\x1b[2J")


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_colours_are_left_out_where_nobody_wants_them(
    monkeypatch: pytest.MonkeyPatch, no_color: str, coloured: bool
) -> None:
    monkeypatch.setenv("NO_COLOR", no_color)
    with sitting() as at:
        at.room.post(Message("a", HERE, Reply("broken", Tone.BAD)))
        assert at.screen.shows("✗ broken")
    assert (RED in at.screen.getvalue()) == coloured


def test_the_history_survives_but_for_secret_values(tmp_path: Path) -> None:
    environ = {"XDG_STATE_HOME": str(tmp_path)}
    with sitting(open_history(environ)) as at:
        at.keys.send_text("status\rset webapp PASSWORD=hunter2\r")
        assert at.screen.shows("PASSWORD=•••")
    file = tmp_path / "quarterdeck" / "history"
    assert list(open_history(environ).load_history_strings()) == ["status"]
    assert "hunter2" not in file.read_text()
    assert file.stat().st_mode & 0o077 == 0


def test_a_history_that_cannot_be_written_is_kept_in_memory(tmp_path: Path) -> None:
    taken = tmp_path / "file"
    taken.touch()
    assert isinstance(open_history({"XDG_STATE_HOME": str(taken)}), InMemoryHistory)
    assert isinstance(open_history({"HOME": str(tmp_path)}), DiscreetHistory)


def test_completion_takes_the_place_of_the_last_word() -> None:
    completer = OrderCompleter(lambda text: ["adderservice"])
    (found,) = completer.get_completions(Document("deploy add"), CompleteEvent(text_inserted=True))
    assert (found.text, found.start_position) == ("adderservice", -3)
    assert not list(completer.get_completions(Document(""), CompleteEvent(text_inserted=True)))
    assert list(completer.get_completions(Document(""), CompleteEvent(completion_requested=True)))
