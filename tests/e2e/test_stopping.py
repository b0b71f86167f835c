"""Told to stop at a bad moment: it ends in order all the same."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest

from tests.contract.slack_gaps import serving
from tests.servers.process import free_ports

ALONE = """
store: "sqlite:///{folder}/run.db"
web: {{port: {port}, public_url: "http://127.0.0.1:{port}"}}
clusters: {{play: {{simulated: true}}}}
environments: {{staging: {{cluster: play, namespace: micro-staging}}}}
services: {{adderservice: {{repository: "registry.local:5000/adderservice"}}}}
"""
CONFIG = f"""{ALONE}
chat:
  slack: {{{{mode: http, bot_token: xoxb-test-token, signing_secret: of-slack, api_url: "{{api}}"}}}}
"""


class Silent:
    """A Slack that hears, and answers once it is let."""

    def __init__(self) -> None:
        self.heard, self.let_go = Event(), Event()

    def answer(self, method: str, kind: str, authorization: str, raw: bytes) -> tuple[int, dict[str, str], bytes]:
        self.heard.set()
        self.let_go.wait(30)
        return 200, {}, json.dumps({"ok": True, "team_id": "T01TEST", "user": "bot"}).encode()


@pytest.fixture
def slack() -> Iterator[tuple[Silent, str]]:
    silent = Silent()
    with serving(silent.answer) as url:
        yield silent, url
        silent.let_go.set()


@contextmanager
def started(folder: Path, api: str) -> Iterator[subprocess.Popen[str]]:
    config = folder / "run.yaml"
    config.write_text(CONFIG.format(folder=folder, port=free_ports(1)[0], api=api))
    command = [sys.executable, "-m", "bot", "run", "--config", str(config)]
    with (folder / "run.log").open("a") as log, subprocess.Popen(command, stderr=log, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize(("order", "code"), [("run", 0), ("shell", 143)])
def test_before_it_is_even_read_in_it_ends_in_order(order: str, code: int, tmp_path: Path) -> None:
    """What python reads in is told as it goes, so that the signal comes in the midst of it."""
    config = tmp_path / "run.yaml"
    config.write_text(ALONE.format(folder=tmp_path, port=free_ports(1)[0]))
    command = [sys.executable, "-X", "importtime", "-m", "bot", order, "--config", str(config)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        while "bot.core" not in (line := process.stderr.readline()):
            assert line
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=30)
    assert (process.returncode, "Traceback" in said) == (code, False)


def test_in_the_middle_of_the_start_it_starts_and_stops(slack: tuple[Silent, str], tmp_path: Path) -> None:
    """Process 1 of a container would otherwise not hear it at all, and be killed at the end of its grace."""
    silent, url = slack
    with started(tmp_path, url) as process:
        assert silent.heard.wait(30)
        process.send_signal(signal.SIGHUP)  # another configuration is read after the start in any case
        process.send_signal(signal.SIGTERM)
        silent.let_go.set()
        assert process.wait(40) == 0
    assert "trace" not in (tmp_path / "run.log").read_text()
