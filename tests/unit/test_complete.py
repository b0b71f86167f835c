"""What must not be forgotten when something is added."""

import inspect
import re
import sys
from pathlib import Path

import pytest

from bot.core import errors
from bot.core.again import VALUED
from bot.core.rights import VERBS
from commands import load
from tests.unit.test_golden import ORDERS

ROOT = Path(__file__).parents[2]
ERRORS = [e for _, e in inspect.getmembers(errors, inspect.isclass) if issubclass(e, errors.QuarterdeckError)]
COMMANDS = load()
PLUGIN = """
from bot.core.model import Order, Reply
from bot.ports import Command, Ports

def plan(ports: Ports, order: Order) -> Reply:
    return Reply(title="pong")

COMMAND = Command(usage="ping", summary="answers", verb="read", examples=("ping",), plan=plan)
"""


TALKS = ("orders", "guard", "agreeing", "freezing", "schedules", "reminders")


def test_what_a_command_does_by_itself_is_shown_by_another_one() -> None:
    """An invitation is shown by nobody: it is given once more."""
    assert {c.name for c in COMMANDS.values() if c.apply and c.shown_by not in COMMANDS} == {"invite"}


@pytest.mark.parametrize("kind", ERRORS, ids=lambda e: e.__name__)
def test_every_error_has_a_code_and_a_hint(kind: type[errors.QuarterdeckError]) -> None:
    if kind is not errors.QuarterdeckError:
        assert kind.default_hint
    assert [e.__name__ for e in ERRORS if e.code == kind.code] == [kind.__name__]


def test_every_code_that_people_can_meet_is_documented() -> None:
    page = (ROOT / "docs" / "json.md").read_text()
    unspoken = {"error", "unverified"}
    assert [e.code for e in ERRORS if e.code not in unspoken and f"`{e.code}`" not in page] == []


def test_every_error_is_in_the_tree_at_the_top_of_its_module() -> None:
    tree = inspect.getdoc(errors) or ""
    assert [e.__name__ for e in ERRORS if not re.search(rf"\b{e.__name__}\b", tree)] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_order_says_what_it_needs_to_say(name: str) -> None:
    command = COMMANDS[name]
    assert command.verb in VERBS
    assert command.summary[0].islower()
    assert not command.summary.endswith(".")
    assert all(example.split()[0] == name for example in command.examples)
    if command.changes_the_world:
        assert command.refusals
        assert len(command.examples) >= 2


@pytest.mark.parametrize("name", COMMANDS)
def test_every_order_is_talked_about_in_a_test(name: str) -> None:
    talked = "".join((ROOT / "tests" / "unit" / f"test_{file}.py").read_text() for file in TALKS)
    assert any(order.split()[0] == name for order in ORDERS) or re.search(rf"""['"/]{name}\b""", talked)


def test_every_flag_with_a_value_is_kept_in_what_is_to_be_typed_next() -> None:
    assert {flag.name for command in COMMANDS.values() for flag in command.shape.flags if flag.takes} == set(VALUED)


@pytest.mark.parametrize("port", ["alerts", "builds", "chat", "cluster", "registry", "store"])
def test_every_implementation_of_a_port_is_in_its_contract_suite(port: str) -> None:
    room = ROOT / "bot" / port
    vendors = [p.stem for p in room.iterdir() if p.name not in ("__init__.py", "__pycache__", *SHARED)]
    suite = "".join(p.read_text() for p in (ROOT / "tests" / "contract").glob("*.py"))
    assert [v for v in vendors if f"bot.{port}.{v}" not in suite] == []


SHARED = (
    "entrance.py",
    "guards.py",
    "learned.py",
    "later.py",
    "letters.py",
    "recent.py",
    "names.py",
    "notes.py",
    "fields.py",
    "outbox.py",
    "replicas.py",
)


def test_no_file_is_too_long_to_be_read() -> None:
    files = [p for room in ("bot", "commands", "config") for p in (ROOT / room).rglob("*.py")]
    assert [str(p) for p in files if len(p.read_text().splitlines()) > 300] == []


def test_another_package_can_bring_an_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pingpong.py").write_text(PLUGIN)
    info = tmp_path / "pingpong-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: pingpong\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[quarterdeck.commands]\nping = pingpong:COMMAND\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert load()["ping"].summary == "answers"
    (tmp_path / "pingpong.py").write_text(PLUGIN.replace('verb="read"', 'verb="ping"'))
    monkeypatch.delitem(sys.modules, "pingpong")
    with pytest.raises(ValueError, match="ping goes by the verb ping, which no role can grant or deny"):
        load()
