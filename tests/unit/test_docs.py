"""What the documents promise is what the program does."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.core.parse import parse
from bot.ports import Command
from bot.store.sql import SqlStore
from commands import load
from tests.unit.talk import talking

ROOT = Path(__file__).parents[2]
COMMANDS = load()
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def test_the_readme_lists_every_order_as_it_is() -> None:
    table = (ROOT / "README.md").read_text().partition("<!-- orders -->\n")[2].partition("<!-- /orders -->")[0]
    assert table.splitlines() == [f"| `{c.usage}` | {c.summary} |" for c in COMMANDS.values()]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_example_of_an_order_is_an_order(name: str) -> None:
    shapes = {n: c.shape for n, c in COMMANDS.items()}
    for example in COMMANDS[name].examples:
        assert parse(example, shapes).name == name


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)", page.read_text()):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_path_in_backticks_exists(page: Path) -> None:
    for path in re.findall(r"`((?:bot|commands|tests|docs|config|k8s)/[\w./-]+\.\w+)`", page.read_text()):
        assert (ROOT / path).exists() or path == "commands/age.py", path


def test_the_example_in_contributing_is_an_order_that_works(tmp_path: Path) -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    code = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert code
    space: dict[str, Command] = {}
    exec(compile(code[1], "age.py", "exec"), space)
    with talking(tmp_path, commands={"age": space["COMMAND"]}) as bot:
        assert bot.say("age webapp").title.startswith("webapp in staging was last changed ")


def test_the_readme_names_every_command_of_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    names = re.findall(r"^    ([\w-]+) ", capsys.readouterr().out, re.MULTILINE)
    readme = (ROOT / "README.md").read_text()
    assert len(names) >= 5
    assert [n for n in names if f"quarterdeck {n}" not in readme] == []


def test_every_decision_is_dated() -> None:
    for page in (ROOT / "docs" / "decisions").glob("*.md"):
        date = page.name[:10]
        assert page.read_text().startswith(f"# {date}: "), page.name


def test_the_backup_in_operations_is_whole_while_the_bot_goes_on(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "operations.md").read_text()
    code = re.search(r"-- python -c \"(.*)\"", text)
    assert code
    with talking(tmp_path) as bot:
        key = bot.begin("restart webapp in staging")
        bot.answer(key)
        backup = code[1].replace("/data/quarterdeck.db", f"{tmp_path}/talk.db").replace("/data/", f"{tmp_path}/")
        subprocess.run([sys.executable, "-c", backup], check=True, timeout=30)
    restored = SqlStore(f"sqlite:///{tmp_path}/copy.db")
    restored.migrate()
    assert restored.order(key) is not None
    assert restored.check_audit().broken is None
    restored.close()
