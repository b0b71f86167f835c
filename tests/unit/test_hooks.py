"""Builds that arrive over the wire: kept before they are answered, and nothing told to whoever forges."""

import json
import os
import re
import shutil
import socket
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from bot.builds import Told
from bot.builds.generic import Told as Generic
from bot.core.errors import Busy, Unavailable
from bot.core.events import Build, BuildPhase
from bot.core.news import build_notice
from bot.core.verify import LARGEST
from bot.store.sql import SqlStore
from bot.web.health import health_routes
from bot.web.hooks import Accept, Outcome, Source, hook_routes
from bot.web.server import WebServer
from tests.contract.builds_kit import KITS, SECRET

JENKINS = KITS["jenkins"]
SOURCES = {name: kit.source for name, kit in KITS.items()}


BEGUN = b"POST /hooks/builds/jenkins HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n{"


def opened(folder: Path) -> SqlStore:
    store = SqlStore(f"sqlite:///{folder}/q.db")
    store.migrate()
    return store


def keeping(store: SqlStore) -> Accept[Told]:
    def keep(told: Told) -> None:
        assert isinstance(told, Build)
        store.save_build(told)

    return keep


def ignore(build: Told) -> None:
    """Accepted, and that is all."""


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=30)


class Edge:
    """The server with its hooks, and what was counted."""

    def __init__(
        self,
        accept: Accept[Told],
        sources: Mapping[str, Source[Told]] = SOURCES,
        *,
        waiting: int = 256,
        patience: float = 10.0,
    ) -> None:
        self.counted: Counter[tuple[str, str]] = Counter()
        routes = hook_routes("builds", sources, accept, self._count, waiting=waiting, patience=patience)
        self._server = WebServer([*routes, *health_routes({})], "127.0.0.1", 0, largest=2 * LARGEST)
        self.port = self._server.start()
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=20, trust_env=False)

    def _count(self, name: str, outcome: str) -> None:
        self.counted[name, outcome] += 1

    def post(self, name: str, headers: Mapping[str, str], body: bytes) -> httpx.Response:
        return self._client.post(f"/hooks/builds/{name}", headers=dict(headers), content=body)

    def get(self, path: str) -> httpx.Response:
        return self._client.get(path)

    def close(self) -> None:
        self._client.close()
        self._server.stop()


@contextmanager
def edge(
    accept: Accept[Told], sources: Mapping[str, Source[Told]] = SOURCES, *, waiting: int = 256, patience: float = 10.0
) -> Iterator[Edge]:
    made = Edge(accept, sources, waiting=waiting, patience=patience)
    try:
        yield made
    finally:
        made.close()


@pytest.mark.parametrize("name", KITS)
def test_a_build_is_kept_before_it_is_answered(name: str, tmp_path: Path) -> None:
    store = opened(tmp_path)
    kit = KITS[name]
    with edge(keeping(store)) as hooks:
        for payload in (*kit.life, *kit.life):
            answer = hooks.post(name, *kit.sent(payload))
            assert (answer.status_code, answer.content) == (202, b"")
        (build,) = store.builds()
    assert build.phase is BuildPhase.FINISHED
    assert hooks.counted == {(name, "accepted"): 2 * len(kit.life)}
    store.close()


def test_what_goes_wrong_is_a_bare_number_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    headers, body = JENKINS.sent("started")
    cases = [
        (401, "jenkins", "forged", JENKINS.sent("started", "guessed")),
        (401, "jenkins", "forged", ({}, body)),
        (400, "jenkins", "refused", (headers, b"{}")),
        (204, "jenkins", "ignored", JENKINS.sent("none")),
        (204, "gitlab", "ignored", KITS["gitlab"].sign(b"{}", SECRET)),
        (413, "jenkins", "too large", (headers, b"x" * (LARGEST + 1))),
    ]
    kept: list[Told] = []
    with edge(kept.append) as hooks:
        for status, name, outcome, sent in cases:
            hooks.counted.clear()
            answer = hooks.post(name, *sent)
            assert (answer.status_code, answer.content) == (status, b"")
            assert hooks.counted == {(name, outcome): 1}
        assert hooks.post("nobody", headers, body).status_code == 404
        assert hooks.get("/hooks/builds/jenkins").status_code == 405
    assert kept == []
    assert "forged" in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize("error", [Unavailable("The store does not answer."), Busy("Too much is waiting.")])
def test_what_cannot_be_kept_is_not_said_to_be(error: Exception) -> None:
    def refuse(_build: Told) -> None:
        raise error

    with edge(refuse) as hooks:
        answer = hooks.post("jenkins", *JENKINS.sent("started"))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    assert hooks.counted == {("jenkins", "busy"): 1}


def test_a_source_that_is_added_is_heard() -> None:
    kept: list[Told] = []
    sources: dict[str, Source[Told]] = {}
    with edge(kept.append, sources) as hooks:
        assert hooks.post("jenkins", *JENKINS.sent("started")).status_code == 404
        sources["jenkins"] = JENKINS.source
        assert hooks.post("jenkins", *JENKINS.sent("started")).status_code == 202
    assert len(kept) == 1


def test_what_waits_for_one_source_holds_up_neither_the_others_nor_the_page() -> None:
    """And no more of it waits than it may."""
    held = threading.Event()

    def slow(build: Told) -> None:
        if build.source == "jenkins":
            held.wait(20)

    with edge(slow, waiting=9) as hooks, ThreadPoolExecutor(12) as pool:
        answers = as_completed([pool.submit(hooks.post, "jenkins", *JENKINS.sent("started")) for _ in range(12)], 20)
        assert [next(answers).result().status_code for _ in range(3)] == [503] * 3
        assert hooks.get("/healthz").status_code == 200
        assert hooks.post("github", *KITS["github"].sent("success")).status_code == 202
        held.set()
        assert [answer.result().status_code for answer in answers] == [202] * 9


def long_pipeline(size: int) -> tuple[dict[str, str], bytes]:
    """As many jobs as that takes."""
    kit = KITS["gitlab"]
    document = kit.document("success")
    (job,) = document["builds"]
    document["builds"] = [job] * (size // len(json.dumps(job)))
    return kit.sign(json.dumps(document).encode(), SECRET)


def test_a_pipeline_of_thousands_of_jobs_is_read() -> None:
    with edge(ignore) as hooks:
        assert hooks.post("gitlab", *long_pipeline(int(LARGEST * 0.9))).status_code == 202


def test_of_one_source_no_more_is_in_memory_than_may_be() -> None:
    """And when that is worked off, there is room again."""
    held = threading.Event()

    def slow(_build: Told) -> None:
        held.wait(20)

    sent = long_pipeline(int(LARGEST * 0.9))
    with edge(slow) as hooks, ThreadPoolExecutor(3) as pool:
        answers = as_completed([pool.submit(hooks.post, "gitlab", *sent) for _ in range(3)], 20)
        assert next(answers).result().status_code == 503
        held.set()
        assert [answer.result().status_code for answer in answers] == [202] * 2
        assert [hooks.post("gitlab", *sent).status_code for _ in range(3)] == [202] * 3


def test_a_body_that_does_not_end_is_not_waited_for() -> None:
    with edge(ignore, patience=0.05) as hooks, connected(hooks.port) as line:
        line.sendall(BEGUN)
        assert line.recv(100).startswith(b"HTTP/1.1 408 ")
    assert hooks.counted == {("jenkins", "cut short"): 1}


def test_whoever_hangs_up_breaks_nothing(caplog: pytest.LogCaptureFixture) -> None:
    counted = threading.Event()
    routes = hook_routes("builds", SOURCES, ignore, lambda _name, _outcome: counted.set())
    server = WebServer(routes, "127.0.0.1", 0)
    port = server.start()
    try:
        with connected(port) as line:
            line.sendall(BEGUN)
        assert counted.wait(30)
    finally:
        server.stop()
    assert "Traceback" not in caplog.text


def test_many_at_once_are_all_kept(tmp_path: Path) -> None:
    store = opened(tmp_path)
    kit = KITS["generic"]
    sent = [kit.sign(f'{{"job": "adder", "number": {n}, "result": "success"}}'.encode(), SECRET) for n in range(200)]
    with edge(keeping(store)) as hooks, ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda each: hooks.post("generic", *each).status_code, sent))
    assert answers == [202] * 200
    assert len(store.builds(limit=500)) == 200
    store.close()


DOCUMENT = (Path(__file__).parents[2] / "docs" / "ci.md").read_text()


def example(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", DOCUMENT, re.DOTALL)
    assert found
    return found[1]


def test_the_documented_build_says_everything_and_what_it_is_said_to_read_as() -> None:
    assert set(json.loads(example("json"))) == set(Generic.__struct_fields__)
    (build,) = KITS["generic"].read(*KITS["generic"].sign(example("json").encode(), SECRET))
    assert f"`{build_notice(build).title}`" in DOCUMENT


def test_what_breaks_us_is_counted_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    def breaks(_build: Told) -> None:
        raise ZeroDivisionError

    with edge(breaks) as hooks:
        answer = hooks.post("jenkins", *JENKINS.sent("started"))
    assert (answer.status_code, answer.content) == (500, b"")
    assert hooks.counted == {("jenkins", "broken"): 1}
    assert [record.exc_info is not None for record in caplog.records if "jenkins broke" in record.message] == [True]


def test_the_documented_line_of_a_build_script_is_heard() -> None:
    if not all(map(shutil.which, ("sh", "curl", "openssl"))):
        pytest.skip("needs sh, curl and openssl")
    kept: list[Told] = []
    with edge(kept.append) as hooks:
        hook = f"http://127.0.0.1:{hooks.port}/hooks/builds/generic"
        environment = {**os.environ, "BUILD": example("json"), "SECRET": SECRET, "HOOK": hook, "no_proxy": "*"}
        subprocess.run(["sh", "-c", example("sh")], env=environment, check=True, timeout=20)
    assert [build.job for build in kept if isinstance(build, Build)] == ["qa-worker"]


def test_every_answer_is_documented() -> None:
    for outcome in Outcome:
        assert re.search(rf"^\| {outcome.value[1]} \|.*\| {outcome.word} \|$", DOCUMENT, re.MULTILINE), outcome
