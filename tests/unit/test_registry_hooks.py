"""A push that is told of over the wire: looked at now, by whoever proves who he is, and never believed."""

import logging
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from starlette.routing import Route

from bot.core.errors import Busy
from bot.core.workload import Image
from bot.parts import make_pushers
from bot.registry import Pushed
from bot.web.hooks import Accept, Outcome, hook_routes
from bot.web.server import WebServer
from config import load
from tests.contract.pushes_kit import KITS, SECRET
from tests.unit.sample import sample_environ
from tests.unit.talk import Talk, talking

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "registries.md").read_text()
REPOSITORY = "registry.local:5000/adderservice"
HOOKS = f"""
pushes:
  house: {{kind: distribution, registry: "registry.local:5000", secret: {SECRET}}}
  script: {{kind: generic, secret: {SECRET}}}
"""


@contextmanager
def listening(accept: Accept[Pushed], counted: list[str]) -> Iterator[httpx.Client]:
    sources = {name: kit.source for name, kit in KITS.items()}
    routes = hook_routes("registry", sources, accept, lambda _name, outcome: counted.append(outcome))
    with serving(routes_in=routes) as client:
        yield client


@contextmanager
def serving(routes_in: list[Route]) -> Iterator[httpx.Client]:
    server = WebServer(routes_in, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.start()}/hooks/registry"
    try:
        with httpx.Client(base_url=url, timeout=20, trust_env=False) as client:
            yield client
    finally:
        server.stop()


@contextmanager
def hooked(bot: Talk) -> Iterator[httpx.Client]:
    """As `quarterdeck run` mounts it."""
    pushers = make_pushers(bot.parts.settings)
    with serving(hook_routes("registry", pushers, bot.bot.poller.pushed, lambda *_: None)) as client:
        yield client


def test_the_address_may_hold_the_secret_and_no_log_does(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    told: list[Pushed] = []
    counted: list[str] = []
    body = KITS["dockerhub"].text("push")
    with listening(told.append, counted) as hooks:
        assert hooks.post(f"/dockerhub/{SECRET}", content=body).status_code == 202
        assert hooks.post("/dockerhub/guessed", content=body).status_code == 401
        assert hooks.post("/dockerhub", content=body).status_code == 401
        assert hooks.post(f"/dockerhub/{SECRET}/more", content=body).status_code == 404
        assert hooks.post(f"/nobody/{SECRET}", content=body).status_code == 404
        assert hooks.post(f"/dockerhub/{SECRET}", content=b"{}").status_code == 400
        assert hooks.post(f"/distribution/{SECRET}", content=KITS["distribution"].text("pull")).status_code == 204
    assert told == [Pushed("docker.io", "svendowideit/testhook")]
    assert counted == ["accepted", "forged", "forged", "refused", "ignored"]
    ours = [record for record in caplog.records if not record.name.startswith("http")]
    assert ours
    assert not [record for record in ours if SECRET in record.getMessage()]


def test_no_header_can_pretend_to_be_the_address() -> None:
    told: list[Pushed] = []
    with listening(told.append, []) as hooks:
        answer = hooks.post("/dockerhub", content=KITS["dockerhub"].text("push"), headers={"in-address": SECRET})
        assert answer.status_code == 401
    assert told == []


def test_more_than_can_wait_is_said() -> None:
    def full(_told: Pushed) -> None:
        raise Busy("Too much is waiting.")

    with listening(full, []) as hooks:
        answer = hooks.post(f"/dockerhub/{SECRET}", content=KITS["dockerhub"].text("push"))
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")


def test_a_push_is_announced_and_deployed_without_waiting_for_the_schedule(tmp_path: Path) -> None:
    with talking(tmp_path, more=HOOKS) as bot, hooked(bot) as hooks:
        bot.bot.poller.look("adderservice")
        bot.pass_time(lambda: bot.store.tags_seen(REPOSITORY) is not None)
        bot.registry.push(Image(REPOSITORY, "abcdef1", created=bot.parts.clock.now()))
        body = KITS["distribution"].text("burst").replace(b"team/adderservice", b"adderservice")
        for _ in range(50):
            assert hooks.post("/house", content=body, headers={"Authorization": SECRET}).status_code == 202
        bot.until(lambda: any(m.reply.title == "adderservice → abcdef1 in staging · done" for m in bot.messages()))
        titles = [m.reply.title for m in bot.messages()]
        assert titles.count("New image abcdef1 of adderservice") == 1


def test_a_push_that_never_was_finds_nothing(tmp_path: Path) -> None:
    with talking(tmp_path, more=HOOKS) as bot, hooked(bot) as hooks:
        bot.bot.poller.look("adderservice")
        bot.pass_time(lambda: bot.store.tags_seen(REPOSITORY) is not None)
        lie = {"repository": REPOSITORY, "tag": "abcdef1", "digest": f"sha256:{'0' * 64}"}
        assert hooks.post(f"/script/{SECRET}", json=lie).status_code == 202
        bot.registry.push(Image(REPOSITORY, "abcdef2", created=bot.parts.clock.now()))
        assert hooks.post(f"/script/{SECRET}", content=b"").status_code == 202
        bot.until(lambda: any(m.reply.title.startswith("New image") for m in bot.messages()))
        assert [m.reply.title for m in bot.messages() if "New image" in m.reply.title] == [
            "New image abcdef2 of adderservice"
        ]


def test_the_documented_line_of_a_script_is_heard() -> None:
    if not all(map(shutil.which, ("sh", "curl"))):
        pytest.skip("needs sh and curl")
    (line,) = re.findall(r"```sh\n(.*?)```", DOCUMENT, re.DOTALL)
    told: list[Pushed] = []
    with listening(told.append, []) as hooks:
        place = {"HOOK": str(hooks.base_url.join("generic")), "SECRET": SECRET, "no_proxy": "*"}
        subprocess.run(["sh", "-c", line], env=place, check=True, timeout=20)
    assert told == [Pushed("quay.io", "registry.local:5000/adderservice")]


def test_the_documented_configuration_is_the_sample() -> None:
    sample = (ROOT / "config" / "quarterdeck.yaml").read_text()
    (written,) = re.findall(r"```yaml\n(pushes:.*?)```", DOCUMENT, re.DOTALL)
    assert written.strip() in sample
    assert set(make_pushers(load(ROOT / "config" / "quarterdeck.yaml", sample_environ()))) == set(
        re.findall(r"^  (\w+):", written, re.MULTILINE)
    )


def test_every_answer_is_documented() -> None:
    for outcome in Outcome:
        assert re.search(rf"^\| {outcome.value[1]} \|", DOCUMENT, re.MULTILINE), outcome
