"""A server that a test starts, and that is surely gone afterwards."""

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

# A test run that is killed cannot clean up: the kernel then ends its servers (and so
# they belong to the thread that started them: start them from one that stays).
WITH_PARENT = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
TAIL = 15


class DidNotStart(Exception):
    """Carries the end of the server's log: the temporary folder is gone when it is read."""


class Process:
    """One child, ended by its own pid, and by force when it does not listen."""

    def __init__(self, name: str, command: Sequence[str | Path], folder: Path) -> None:
        self.name = name
        self._log = folder / f"{name}.log"
        self._command = [*WITH_PARENT, *map(str, command)]

    def __enter__(self) -> Self:
        """In a group of its own: Ctrl-C is for us, and we end them in order."""
        with self._log.open("wb") as log:
            self._child = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, process_group=0
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._child.terminate()
        try:
            self._child.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()

    def wait(self, ready: Callable[[], bool]) -> None:
        """Until it answers; one that ends instead is not waited for."""
        try:
            until(lambda: self._ended() or ready(), self.name)
        except TimeoutError as error:
            raise DidNotStart(f"{error}\n{tail(self._log)}") from None
        if self._ended():
            raise DidNotStart(f"{self.name}: ended with {self._child.returncode}\n{tail(self._log)}")

    def _ended(self) -> bool:
        return self._child.poll() is not None


def tail(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()
    return "\n".join(f"    {line}" for line in lines[-TAIL:])


def until(condition: Callable[[], bool], what: str, seconds: float = 90) -> None:
    """Waits for a condition, never for a time: the pause only keeps the asking polite."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds:g} s")
        time.sleep(0.02)


def free_ports(count: int) -> list[int]:
    """Given to nobody else while this process lives, neither before its server starts nor between two starts of it."""
    return [_free_port() for _ in range(count)]


def _free_port() -> int:
    """Bound and never listened on: Linux takes it for a connection or a port 0 no more, but lets a server have it."""
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    port: int = held.getsockname()[1]
    if sys.platform == "linux":
        held.detach()
    held.close()
    return port
