"""Two `quarterdeck run` on one PostgreSQL, one Slack and one Kubernetes; each can be killed and begun anew."""

import hmac
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from tests.contract.slack_gaps import Gaps, serving
from tests.contract.store_kit import PostgresServer
from tests.servers.control_plane import ControlPlane
from tests.servers.process import free_ports, until
from tests.servers.require import or_skip
from tests.servers.slack import LocalSlack
from tests.servers.wire import ask

CHANNEL, TOKEN = "C01GENERAL", "xoxb-test-token"
SECRET = "of-the-builder"
SERVICES = ("adderservice", "auditservice", "webapp")
CONFIG = """
store: "{store}"
web: {{port: {port}}}
chat:
  slack: {{mode: socket, bot_token: {token}-{number}, app_token: xapp-test-token, api_url: "{slack}"}}
clusters: {{main: {{kubeconfig: {kubeconfig}}}}}
environments: {{staging: {{cluster: main, namespace: micro-staging, settle: 1s}}}}
builds: {{house: {{kind: generic, secret: {secret}}}}}
roles: {{everything: {{verbs: ["*"], people: [ann@example.test]}}}}
services:
"""
SERVICE = '  {name}: {{repository: "registry.local:5000/{name}", builds: [{name}], channel: {{slack: C01GENERAL}}}}\n'


class Deadly(Gaps):
    """A Slack that kills who speaks to it, after it has heard and before it answers."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._guard = Lock()
        self._spoken: Counter[str] = Counter()
        self._traps: dict[tuple[str, int], Callable[[str], None]] = {}

    def kill_at(self, method: str, nth: int, kill: Callable[[str], None]) -> None:
        """From now on, the so manieth call of this method."""
        with self._guard:
            self._traps[method, self._spoken[method] + nth] = kill

    def answer(self, method: str, kind: str, authorization: str, raw: bytes) -> tuple[int, dict[str, str], bytes]:
        token, _, number = authorization.rpartition("-")
        own = token.removeprefix("Bearer ") == TOKEN
        answered = super().answer(method, kind, token if own else authorization, raw)
        with self._guard:
            self._spoken[method] += 1
            kill = self._traps.pop((method, self._spoken[method]), None)
        if kill and own:
            kill(number)
        return answered


@dataclass
class Replica:
    config: Path
    port: int
    process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "bot", "run", "--config", str(self.config)]
        with self.config.with_suffix(".log").open("a") as log:
            self.process = subprocess.Popen(command, env=dict(os.environ), stderr=log, text=True)

    def ready(self) -> bool:
        try:
            return ask(f"http://127.0.0.1:{self.port}/readyz").status == 200
        except OSError:
            return False

    def send(self, number: signal.Signals) -> None:
        if self.process:
            self.process.send_signal(number)

    def ends(self) -> int:
        """Its exit code."""
        assert self.process
        code = self.process.wait(60)
        self.process = None
        return code

    def again(self, how: signal.Signals) -> int:
        self.send(how)
        code = self.ends()
        self.start()
        return code

    def log(self) -> list[dict[str, str]]:
        return [json.loads(line) for line in self.config.with_suffix(".log").read_text().splitlines()]


@dataclass
class Pair:
    postgres: PostgresServer
    schema: str
    slack: LocalSlack
    gaps: Deadly
    cluster: ControlPlane
    replicas: list[Replica] = field(default_factory=list)

    def ask(self, statement: str) -> list[tuple[object, ...]]:
        with self.postgres.connect() as connection:
            connection.execute(f"SET search_path TO {self.schema}".encode())
            return connection.execute(statement.encode()).fetchall()

    def number(self, statement: str) -> int:
        return int(str(self.ask(f"SELECT count(*) FROM {statement}")[0][0]))

    def revive(self) -> None:
        """As a kubelet does."""
        for replica in self.replicas:
            if replica.process and replica.process.poll() is not None:
                replica.ends()
                replica.start()

    def order(self, text: str) -> None:
        """Typed once more where nobody was there to hear it, as a person would."""
        said = {"channel": CHANNEL, "user": "U01ANN", "appId": "A01APP", "command": "/qd", "text": text}
        before = self.number("orders")

        def taken() -> bool:
            self.revive()
            self.slack.control("command", said)
            try:
                until(lambda: self.number("orders") > before, text, 4)
            except TimeoutError:
                return False
            return True

        until(taken, text)

    def build(self, number: int, service: str) -> None:
        """Sent until one of them has taken it, as whoever sends such things does."""
        told = {"job": service, "number": number, "phase": "finished", "result": "success", "revision": f"{number:07x}"}
        raw = json.dumps(told).encode()
        headers = {"X-Hub-Signature-256": f"sha256={hmac.new(SECRET.encode(), raw, 'sha256').hexdigest()}"}

        def taken() -> bool:
            self.revive()
            for replica in self.replicas:
                try:
                    answer = ask(f"http://127.0.0.1:{replica.port}/hooks/builds/house", "POST", raw, headers)
                except OSError:
                    continue
                if answer.status == 202:
                    return True
            return False

        until(taken, f"build {number}")

    def keys(self) -> Counter[str]:
        """How many messages stand in Slack under each key."""
        standing = {m["ts"] for m in self.slack.control(f"messages/{CHANNEL}")["messages"]}
        with self.gaps._lock:
            known = [(ts, data["event_payload"]["key"]) for (_, ts), data in self.gaps._metadata.items()]
        return Counter(key for ts, key in known if ts in standing)


@contextmanager
def pair(folder: Path, postgres: PostgresServer) -> Iterator[Pair]:
    with ExitStack() as stack:
        with or_skip():
            slack, cluster = stack.enter_context(LocalSlack()), stack.enter_context(ControlPlane())
        gaps = Deadly(slack.api_url)
        url = stack.enter_context(serving(gaps.answer))
        made = Pair(postgres, postgres.create(), slack, gaps, cluster)
        _furnish(cluster)
        for number, port in enumerate(free_ports(2)):
            config = folder / f"replica-{number}.yaml"
            words = {"number": number, "port": port, "slack": url, "token": TOKEN, "secret": SECRET}
            told = CONFIG.format(store=postgres.url(made.schema), kubeconfig=cluster.kubeconfig, **words)
            config.write_text(told + "".join(SERVICE.format(name=name) for name in SERVICES))
            made.replicas.append(Replica(config, port))
        try:
            for replica in made.replicas:
                replica.start()
            until(lambda: all(replica.ready() for replica in made.replicas), "both are ready")
            yield made
        finally:
            _end(made.replicas)


def _furnish(cluster: ControlPlane) -> None:
    cluster.kubectl("create", "namespace", "micro-staging")
    for name in SERVICES:
        image = f"--image=registry.local:5000/{name}:9ab01de"
        cluster.kubectl("--namespace", "micro-staging", "create", "deployment", name, image)


def _end(replicas: list[Replica]) -> None:
    for replica in replicas:
        if replica.process:
            replica.send(signal.SIGCONT)
            replica.send(signal.SIGKILL)
            replica.ends()
