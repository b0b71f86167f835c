"""The real process, driven as a person or a script drives it."""

import hmac
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import DEMO
from tests.e2e.running import end
from tests.servers.process import free_ports
from tests.servers.wire import ask

SPEED = "25"
STORY = """
# deploy, break, diagnose, roll back
deploy adderservice 9ab01de to staging
deploy eventservice 77be001 to staging
why eventservice in staging
rollback eventservice in staging
status in staging
"""


def quarterdeck(*arguments: str, typed: str = "", folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bot", *arguments]
    environment = {**os.environ, "QUARTERDECK_DEMO_FOLDER": str(folder)} if folder else None
    return subprocess.run(
        command, input=typed, capture_output=True, text=True, timeout=50, env=environment, check=False
    )


def test_the_demo_from_a_pipe_deploys_breaks_diagnoses_and_rolls_back() -> None:
    done = quarterdeck("demo", "--no-web", "--speed", SPEED, typed=STORY)
    assert done.stderr == ""
    assert done.returncode == 1
    said = done.stdout
    assert "✓ adderservice → 9ab01de in staging · done" in said
    assert "✗ eventservice → 77be001 in staging · failed" in said
    assert "✗ eventservice in staging: Crashes at start: exit 3" in said
    assert "    panic: no database" in said
    assert "✓ eventservice back to 3f2a91c in staging · done" in said
    assert said.index("· failed") < said.index("> why eventservice") < said.index("back to 3f2a91c in staging · done")
    assert "· staging · 6 services" in said


def test_good_orders_end_with_zero() -> None:
    done = quarterdeck("demo", "--no-web", "--speed", SPEED, typed="scale webapp 2 in staging\nstatus\n")
    assert (done.returncode, done.stderr) == (0, "")


def test_what_ends_in_an_ampersand_is_waited_for_at_the_end_only() -> None:
    typed = "restart adderservice in production &\nstatus webapp in staging\n"
    done = quarterdeck("demo", "--no-web", "--speed", SPEED, typed=typed)
    assert done.returncode == 0
    assert done.stdout.index("webapp in staging · 1 of 1 ready") < done.stdout.index("restart in production · done")


def test_json_is_one_object_a_line_with_the_keys_that_are_documented() -> None:
    done = quarterdeck("demo", "--no-web", "--json", "--speed", SPEED, typed="scale webapp 2 in staging\nstatsu\n")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    keys = ["order", "ok", "code", "title", "tone", "fields", "table", "body", "key", "final"]
    assert all(list(line) == keys for line in lines)
    scaled = [line for line in lines if line["order"] == "scale webapp 2 in staging"]
    assert {line["key"] for line in scaled} == {scaled[0]["key"]}
    assert [line["ok"] for line in scaled[:-1]] == [None] * (len(scaled) - 1)
    assert (scaled[-1]["ok"], scaled[-1]["final"], scaled[-1]["code"]) == (True, True, "")
    assert (lines[-1]["ok"], lines[-1]["code"]) == (False, "usage")
    documented = (Path(__file__).parents[2] / "docs" / "json.md").read_text()
    assert [key for key in keys if f"| `{key}` |" not in documented] == []


def test_a_shell_works_on_a_configuration(tmp_path: Path) -> None:
    done = quarterdeck("shell", "--config", str(DEMO), typed="lock webapp in staging x\nlocks\n", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    again = quarterdeck("shell", "--config", str(DEMO), typed="locks\n", folder=tmp_path)
    assert "1 locked" in again.stdout


def test_check_names_every_mistake_and_ends_with_two(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("clusters: {a: {simulated: true}}\nenvironments: {x: {cluster: b, namespace: N}}\nweb: {prot: 1}\n")
    done = quarterdeck("check", "--config", str(bad))
    assert (done.returncode, done.stdout) == (2, "")
    for path in ("environments.x.cluster", "environments.x.namespace", "web.prot"):
        assert path in done.stderr
    good = quarterdeck("check", "--config", str(DEMO))
    assert good.returncode == 0
    assert "No chat is configured: the bot follows, polls and deploys by policy, and tells nobody." in good.stdout


@pytest.mark.parametrize("command", ["run", "shell"])
def test_a_broken_configuration_starts_nothing(tmp_path: Path, command: str) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("clusters: {}\n")
    done = quarterdeck(command, "--config", str(bad))
    assert (done.returncode, done.stdout) == (2, "")
    assert list(tmp_path.iterdir()) == [bad]


def test_run_answers_health_and_ends_when_told(tmp_path: Path) -> None:
    port = free_ports(1)[0]
    config = tmp_path / "run.yaml"
    config.write_text(DEMO.read_text() + f"\nweb: {{port: {port}}}\n")
    environment = {**os.environ, "QUARTERDECK_DEMO_FOLDER": str(tmp_path)}
    command = [sys.executable, "-m", "bot", "run", "--config", str(config)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        said = ""
        while "listening" not in said:
            said += process.stderr.readline()
        assert "No chat is configured" in said
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=30) as answer:
            assert answer.status == 200
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/orders", timeout=30)
        end(process)
    assert process.returncode == 0


def test_a_build_that_is_delivered_is_known_to_the_orders(tmp_path: Path) -> None:
    port = free_ports(1)[0]
    config = tmp_path / "run.yaml"
    hook = "builds: {house: {kind: generic, secret: a-test-value}}"
    config.write_text(f"{DEMO.read_text()}\nweb: {{port: {port}}}\n{hook}\n")
    environment = {**os.environ, "QUARTERDECK_DEMO_FOLDER": str(tmp_path)}
    command = [sys.executable, "-m", "bot", "run", "--config", str(config)]
    body = json.dumps({"job": "webapp", "number": 977, "phase": "finished", "result": "failure"}).encode()
    signature = hmac.new(b"a-test-value", body, "sha256").hexdigest()
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        while "listening" not in process.stderr.readline():
            pass
        address = f"http://127.0.0.1:{port}/hooks/builds/house"
        assert ask(address, "POST", body, {"X-Hub-Signature-256": f"sha256={signature}"}).status == 202
        assert ask(address, "POST", body, {"X-Hub-Signature-256": "sha256=00"}).status == 401
        end(process)
    assert process.returncode == 0
    told = quarterdeck("shell", "--config", str(config), typed="builds webapp\n", folder=tmp_path)
    assert "#977  Failure" in told.stdout


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_stream_that_nobody_opened_is_an_empty_one(closed: str) -> None:
    command = f"{sys.executable} -m bot demo --no-web --speed {SPEED} {closed}"
    done = subprocess.run(
        ["sh", "-c", command], input="status\n", capture_output=True, text=True, timeout=50, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_what_another_alphabet_cannot_say_is_left_out_and_the_rest_is_said() -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    command = [sys.executable, "-m", "bot", "demo", "--no-web"]
    done = subprocess.run(
        command, input=b"status\n\xfe\n", capture_output=True, timeout=50, env=environment, check=False
    )
    assert (done.returncode, done.stderr) == (1, b"")
    assert b"? ok   webapp" in done.stdout


@pytest.fixture
def hears_ctrl_c() -> Iterator[None]:
    """Whoever runs the tests in the background has them ignore it, and with them what they start."""
    was = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, was)


@pytest.mark.usefixtures("hears_ctrl_c")
@pytest.mark.parametrize(
    ("told", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)], ids=lambda v: str(v)
)
def test_a_console_that_is_ended_in_the_middle_leaves_nothing_behind(
    tmp_path: Path, told: signal.Signals, code: int
) -> None:
    command = [sys.executable, "-m", "bot", "demo", "--no-web"]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write("deploy adderservice 77be001 to staging\n")
        process.stdin.flush()
        while "of 2 ready" not in process.stdout.readline():
            pass
        process.send_signal(told)
        _, complaint = process.communicate(timeout=30)
    assert (process.returncode, complaint) == (code, "")
    assert list(tmp_path.iterdir()) == []


def test_version_says_which() -> None:
    done = quarterdeck("version")
    assert done.returncode == 0
    assert done.stdout.startswith("quarterdeck 0.")


def test_a_port_that_is_taken_is_said_in_a_sentence(tmp_path: Path) -> None:

    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = quarterdeck("demo", "--port", str(taken.getsockname()[1]), typed="status\n")
    assert done.returncode == 2
    assert "cannot be had" in done.stderr
    assert "Traceback" not in done.stderr
