"""`make test` and `make check` between them run every test, and say which of them is for whom."""

import re
from pathlib import Path

import pytest

from tests.servers.find import Missing, server
from tests.servers.left import left

MAKEFILE = (Path(__file__).parents[2] / "Makefile").read_text()


def test_what_the_one_leaves_the_other_runs() -> None:
    quick, whole = re.findall(r'pytest .*-m "(.+?)" tests/unit tests/contract', MAKEFILE)
    assert quick == f"not ({whole})"
    assert "loadscope tests/e2e tests/cluster tests/servers" in MAKEFILE
    folders = {path.parent.name for path in Path(__file__).parents[1].glob("*/test_*.py")}
    assert folders - {"soak"} == {"unit", "contract", "e2e", "cluster", "servers"}


def test_nothing_left_is_nothing_said() -> None:
    assert left([]) == ""


def test_what_is_left_is_one_line_with_what_has_to_be_got_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "postgres").touch(mode=0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert left([("store", "postgres"), ("oci", "registry"), ("oci", "docker-registry")]) == (
        "LEFT to make check, on real servers: oci (docker-registry, registry), store (postgres)."
        " make servers first gets docker-registry, registry."
    )


def test_an_unmarked_test_finds_no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUARTERDECK_SERVERS", "none")
    with pytest.raises(Missing, match=r'pytest\.mark\.server\("postgres"\)'):
        server("postgres")
