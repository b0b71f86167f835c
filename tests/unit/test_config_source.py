"""Reading the file itself: safely, with the place of what is wrong."""

from pathlib import Path

import pytest

from config import ConfigError, load
from config.source import LARGEST, parse


def refused(raw: bytes, folder: Path) -> str:
    path = folder / "bot.yaml"
    path.write_bytes(raw)
    with pytest.raises(ConfigError) as caught:
        load(path, {})
    return caught.value.fact


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"a: [", "line 2, column 1: is not YAML"),
        (b"a:\n\tb: 1", "line 2, column 1: is not YAML: found character that cannot start any token (indent with sp"),
        (b"a: 1\n b: 2", "line 2, column 3: is not YAML"),
        (b"a: 1\n---\nb: 2", "line 2: begins a second document; one file holds one"),
        (b"a: \x01", "line 1: holds a character that YAML forbids"),
        (b"a: 1\nb: \xff", "line 2: is not UTF-8 text"),
        (b"[" * 50, "line 1: is nested more than 20 deep"),
        (b"a: " * 50, "line 1, column 5: is not YAML"),
        (b"? [a]\n: 1", "line 1: a key must be a single word"),
        (b"- 1", "a list is not a mapping of keys (line 1)"),
        (b"text", "••• is not a mapping of keys (line 1)"),
        (b"#" * (LARGEST + 1), "is larger than 1 MB"),
        (b"chat: &a {}\nweb: *a", "web: aliases (*name) are not understood: write the value out (line 2)"),
        (b"a: !!python/object:os.system x", 'a: tags such as "tag:yaml.org,2002:python/object:os.system" are not'),
        (b"chat: {}\nweb: {}\nchat: {}", "chat: is written twice, on lines 1 and 3 (line 1)"),
    ],
)
def test_refused_in_one_sentence(raw: bytes, told: str, tmp_path: Path) -> None:
    assert told in refused(raw, tmp_path)


def test_a_bomb_of_aliases_is_not_expanded(tmp_path: Path) -> None:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    assert "aliases (*name) are not understood" in refused("\n".join(rows).encode(), tmp_path)


@pytest.mark.parametrize(("name", "told"), [("nope.yaml", "no such file"), ("", "is a directory")])
def test_what_is_not_a_file(name: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path / name, {})
    assert told in caught.value.fact


def test_only_true_false_null_and_numbers_are_more_than_text() -> None:
    tree = parse("[no, on, 22:00, 2026-12-20, 0x1f, 017, .inf, 1e3, 'true', true, ~, null, 3, -3, 1.5, <<]").tree
    assert tree == [
        *("no", "on", "22:00", "2026-12-20", "0x1f", "017", ".inf", "1e3", "true", True),
        *(None, None, 3, -3, 1.5, "<<"),
    ]


def test_keys_are_always_text_and_have_their_line() -> None:
    document = parse("8080: a\ntrue:\n  - x\n  -\n    on: 1\n")
    assert document.tree == {"8080": "a", "true": ["x", {"on": 1}]}
    assert document.lines[("true",)] == 2
    assert document.lines[("true", 1, "on")] == 5


def test_a_long_number_stays_text() -> None:
    assert parse("9" * 5_000).tree == "9" * 5_000
