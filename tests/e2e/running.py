"""`quarterdeck run` as a process of its own, ready and ended in order."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.process import until
from tests.servers.wire import ask


@contextmanager
def running(config: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "bot", "run", "--config", str(config)]
    log = config.with_suffix(".log")
    with log.open("a") as errors, subprocess.Popen(command, env=dict(os.environ), stderr=errors, text=True) as process:
        try:
            until(lambda: _ready(port), "the bot is ready", 30)
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


def _ready(port: int) -> bool:
    try:
        return ask(f"http://127.0.0.1:{port}/readyz").status == 200
    except OSError:
        return False
