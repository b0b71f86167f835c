"""The image: what its Dockerfile copies is there, and what it installs runs where nothing else is.

Nothing is fetched: what builds the wheel is the environment's own setuptools.
"""

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

from bot.__main__ import main
from tests.servers.find import Missing
from tests.servers.require import or_skip

ROOT = Path(__file__).parents[2]
PIP = (sys.executable, "-m", "pip", "--quiet")
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def run(*command: str, folder: Path) -> str:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=folder, env=environment, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of exactly what the Dockerfile copies."""
    with or_skip():
        builder()
    source, out = tmp_path_factory.mktemp("src"), tmp_path_factory.mktemp("wheel")
    for name in copied():
        found = ROOT / name
        if found.is_file():
            (source / name).write_bytes(found.read_bytes())
        else:
            run("cp", "-r", str(found), str(source / name), folder=ROOT)
    run(*PIP, "wheel", "--no-build-isolation", "--no-index", "--no-deps", "-w", str(out), ".", folder=source)
    (found,) = out.glob("*.whl")
    return found


def builder() -> None:
    (needed,) = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    least = int(needed.partition(">=")[2])
    if int(version("setuptools").partition(".")[0]) < least:
        raise Missing(needed, "the wheel cannot be built")


def copied() -> list[str]:
    lines = re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
    return [source for line in lines for source in line.split()[:-1]]


def test_what_is_copied_is_there() -> None:
    assert {"pyproject.toml", "requirements.lock", "bot", "commands", "config"} <= set(copied())
    assert [name for name in copied() if not (ROOT / name).exists()] == []


def test_what_is_copied_is_not_left_out_of_what_is_sent() -> None:
    """And nothing else is: no environment, no history, no secret that lies about."""
    everything, *others = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] not in "#"]
    assert everything == "*"
    assert {line[1:] for line in others if line.startswith("!")} == set(copied())


def test_its_command_is_one_that_the_program_has(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = re.search(r"^CMD \[(.+)\]$", DOCKERFILE, re.MULTILINE)
    assert arguments
    words = re.findall(r'"([^"]+)"', arguments[1])
    with pytest.raises(SystemExit):
        main([words[0], "--help"])
    assert words[1] in capsys.readouterr().out
    mounted = (ROOT / "k8s/base/deployment.yaml").read_text()
    assert str(Path(words[2]).parent) in mounted
    assert "USER 10001:10001" in DOCKERFILE
    assert "runAsUser: 10001" in mounted


def test_the_wheel_holds_every_file_that_the_program_reads(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    read = [*ROOT.glob("config/*.yaml"), *ROOT.glob("config/templates/*.yaml"), *ROOT.glob("bot/chat/console/page/*")]
    assert [str(f.relative_to(ROOT)) for f in read if f.is_file() and str(f.relative_to(ROOT)) not in held] == []


def test_the_wheel_runs_where_nothing_else_is(wheel: Path, tmp_path: Path) -> None:
    """What it needs comes from this environment's own packages, at the versions that were tested together."""
    run(sys.executable, "-m", "venv", "--without-pip", "fresh", folder=tmp_path)
    programs = tmp_path / "fresh" / "bin"
    run(*PIP, "--python", str(programs / "python"), "install", "--no-deps", "--no-index", str(wheel), folder=tmp_path)
    (site,) = (tmp_path / "fresh" / "lib").glob("python*/site-packages")
    here = next(Path(p) for p in sys.path if p.endswith("site-packages"))
    (site / "needed.pth").write_text(f"{here}\n")
    said = run(str(programs / "quarterdeck"), "version", folder=tmp_path)
    assert re.search(r"\d+\.\d+\.\d+", said)
