"""What is put in for `${…}`, and that nothing of it, nor any secret, is ever shown."""

from pathlib import Path

import pytest

from bot.core.secret import MASK
from config import ConfigError, Settings
from config.check import check
from config.replace import Replacer
from config.source import parse

HIDDEN = "hunter2-hunter2"
BASE = "clusters: {main: {simulated: true}}\nenvironments: {staging: {cluster: main, namespace: micro}}\n"


def settings(text: str, environ: dict[str, str], folder: Path) -> Settings:
    return check(parse(BASE + text), environ, path=folder / "bot.yaml", later={})


def refused(text: str, environ: dict[str, str], folder: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        settings(text, environ, folder)
    error = caught.value
    seen = " ".join((str(error), repr(error), error.fact, error.hint, repr(error.mistakes), repr(error.__context__)))
    assert HIDDEN not in seen
    return error.fact.splitlines()


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("${A}", "one"),
        ("x-${A}-y-${B}", "x-one-y-${A}"),
        ("${NONE:-other}", "other"),
        ("${EMPTY:-other}", "other"),
        ("${EMPTY}", ""),
        ("${NONE:-}", ""),
        ("${A:-other}", "one"),
        ("$${A}", "${A}"),
        ("costs $5", "costs $5"),
        ("${file:note}", "two"),
        ("${file:note}:${A}", "two:one"),
    ],
)
def test_replaced(written: str, read: str, tmp_path: Path) -> None:
    (tmp_path / "note").write_text("two\n", "utf-8")
    replacer = Replacer({"A": "one", "B": "${A}", "EMPTY": ""}, tmp_path)
    assert replacer.tree({"a": [written]}) == {"a": [read]}
    assert replacer.found == []


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("${NOPE}", "the environment variable NOPE is not set"),
        ("${file:nope}", "there is no file nope"),
        ("${file:/}", "there is no file /"),
        ("${file:/dev/zero}", "there is no file /dev/zero"),
        ("${file:big}", "the file big is larger than 64 kB"),
        ("${file:raw}", "the file raw cannot be read as text"),
        ("${two words}", "${…} holds NAME, NAME:-default or file:/path; a literal ${ is written $${"),
        ("${open", "${…} holds NAME, NAME:-default or file:/path; a literal ${ is written $${"),
    ],
)
def test_what_is_missing_is_a_mistake_with_its_path(written: str, why: str, tmp_path: Path) -> None:
    (tmp_path / "big").write_text("x" * 64_001, "utf-8")
    (tmp_path / "raw").write_bytes(b"\xff\xfe")
    assert refused(f'time_zone: "{written}"', {}, tmp_path) == [f"time_zone: {why} (line 3)"]


def test_a_replaced_value_cannot_become_a_key_or_a_list(tmp_path: Path) -> None:
    found = refused('time_zone: "${A}"', {"A": "UTC\nstore: x"}, tmp_path)
    assert found == ['time_zone: "${A}" is not a time zone such as Europe/Madrid (line 3)']


def test_numbers_and_flags_may_come_from_the_environment(tmp_path: Path) -> None:
    text = 'web: {port: "${PORT}"}\nclusters: {main: {simulated: "${SIM}"}}\n'
    environments = "environments: {staging: {cluster: main, namespace: micro}}"
    found = check(parse(text + environments), {"PORT": "81", "SIM": "true"}, path=tmp_path / "bot.yaml")
    assert (found.web.port, found.clusters["main"].simulated) == (81, True)


def test_secrets_are_never_shown(tmp_path: Path) -> None:
    text = """
store: "postgresql+psycopg://bot:${P}@db/x"
chat: {slack: {bot_token: "${P}", app_token: "${P}"}, webex: {token: "${P}", webhook_secret: "${file:secret}"}}
registries: {"r:5000": {username: bot, password: "${P}"}}
"""
    (tmp_path / "secret").write_text(HIDDEN, "utf-8")
    found = settings(text, {"P": HIDDEN}, tmp_path)
    assert found.store.reveal() == f"postgresql+psycopg://bot:{HIDDEN}@db/x"
    assert found.chat.webex is not None
    assert found.chat.webex.webhook_secret.reveal() == HIDDEN
    for seen in (str(found), repr(found), str(found.model_dump()), found.model_dump_json(), str(found.catalogue())):
        assert HIDDEN not in seen
    assert MASK in found.model_dump_json()


@pytest.mark.parametrize(
    "text",
    [
        f"store: mysql://root:{HIDDEN}@db/x",
        f"store: [{HIDDEN}]",
        f"chat: {HIDDEN}",
        f"chat: {{slack: {HIDDEN}}}",
        f"chat: {{slack: {{bot_token: [{HIDDEN}], app_tokn: {HIDDEN}}}}}",
        f"registries: {HIDDEN}",
        f"registries: {{'r:5000': {{pasword: {HIDDEN}}}}}",
        f"web: {{public_url: 'https://bot:{HIDDEN}@example.com'}}",
        'time_zone: "${P}"',
        'web: {port: "${P}", host: "${P}!"}',
        'services: {a: {repository: "r:5000/${P}:x"}}',
    ],
)
def test_a_mistake_never_shows_a_secret(text: str, tmp_path: Path) -> None:
    assert refused(text, {"P": HIDDEN}, tmp_path)


def test_a_secret_written_as_a_number_is_masked(tmp_path: Path) -> None:
    found = refused("registries: {'r:5000': {username: bot, password: 123456}}", {}, tmp_path)
    assert found == [f"registries.r:5000.password: {MASK} is not text; put it in quotes (line 3)"]
