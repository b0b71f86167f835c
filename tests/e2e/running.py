"""`quarterdeck run` as a process of its own, ready and ended in order."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.process import DidNotStart, tail, until
from tests.servers.wire import ask


@contextmanager
def running(config: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "bot", "run", "--config", str(config)]
    log = config.with_suffix(".log")
    with log.open("a") as errors, subprocess.Popen(command, env=dict(os.environ), stderr=errors, text=True) as process:
        try:
            _await_ready(process, port, log)
            yield process
        finally:
            end(process)


def end(process: subprocess.Popen[str]) -> None:
    """One that does not end when it is told to fails the test, and does not hold it up."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        raise


def _await_ready(process: subprocess.Popen[str], port: int, log: Path) -> None:
    """One that ends instead is not waited for; what it said is told, since its folder is gone when it is read."""
    try:
        until(lambda: process.poll() is not None or _answer(port) == "ready\n", "the bot is ready")
    except TimeoutError as error:
        raise DidNotStart(f"{error}: {_answer(port)}\n{tail(log)}") from None
    if process.poll() is not None:
        raise DidNotStart(f"the bot ended with {process.returncode}\n{tail(log)}")


def _answer(port: int) -> str:
    try:
        return ask(f"http://127.0.0.1:{port}/readyz").body.decode()
    except OSError as error:
        return str(error)
