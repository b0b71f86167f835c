"""A Slack that is not ours, for the tests: local-slack, reachable on loopback only.

It listens on all interfaces and cannot be told otherwise, so it lives in a network
namespace of its own, with one relay in and, for signed HTTP, one relay out to the bot.
"""

import json
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.servers import relay
from tests.servers.find import Missing, server
from tests.servers.process import WITH_PARENT, Process, free_ports
from tests.servers.stacked import Stacked
from tests.servers.wire import answers, ask

# Enough to say something somewhere; local-slack's own defaults name the app:
# bot U0BOT, tokens xoxb-test-token and xapp-test-token, secret test-signing-secret.
CONFIG: dict[str, Any] = {
    "users": [{"id": "U01ANN", "name": "ann", "real_name": "Ann", "email": "ann@example.test"}],
    "channels": [{"id": "C01GENERAL", "name": "general", "is_channel": True, "members": ["U01ANN", "U0BOT"]}],
}


class LocalSlack(Stacked):
    """`app_port`: where the bot listens for signed HTTP, if that is its mode."""

    def __init__(self, config: dict[str, Any] = CONFIG, app_port: int | None = None) -> None:
        self._config = config
        self._app_port = app_port
        super().__init__()
        self._port = free_ports(1)[0]
        self.url = f"http://127.0.0.1:{self._port}"
        self.api_url = f"{self.url}/api/"

    def control(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """`message`, `command`, `interact`, … with a body; `messages/C…`, `log` without."""
        method, data = ("GET", None) if body is None else ("POST", json.dumps(body).encode())
        headers = {"Content-Type": "application/json"}
        answer = ask(f"{self.url}/_control/{path}", method, data, headers)
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {answer.body.decode()}")
        return answer.json()

    def _start(self, stack: ExitStack) -> None:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="quarterdeck-")))
        door, way_out = str(folder / "in"), str(folder / "out")
        ends: list[relay.Address] = [door, self._port]
        if self._app_port is not None:
            stack.enter_context(relay.relay(way_out, self._app_port))
            ends += [self._app_port, way_out]
        command = [*_apart(), sys.executable, relay.__file__, *map(str, ends)]
        process = Process("local-slack", [*command, "--", *self._command(folder)], folder)
        stack.enter_context(process)
        stack.enter_context(relay.relay(self._port, door))
        process.wait(lambda: answers(f"{self.url}/_control/log"))

    def _command(self, folder: Path) -> list[str | Path]:
        config = folder / "config.json"
        config.write_text(json.dumps(self._config))
        where = ["--port", str(self._port), "--base-host", "127.0.0.1"]
        files = ["--config", str(config), "--files-dir", str(folder / "files")]
        return [*WITH_PARENT, server("local-slack"), *where, *files]


def _apart() -> list[str]:
    """Root may, and others may where the kernel lets them be root in a namespace."""
    command = ["unshare", "--net", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    try:
        subprocess.run([*command, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Missing("local-slack", f"it needs a network namespace ({error})") from None
    return command
