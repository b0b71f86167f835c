import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import UsageError
from bot.core.references import (
    image,
    label,
    looks_like_digest,
    looks_like_sha,
    parse,
    same_repository,
)

DIGEST = "sha256:" + "44c1f0e" + "0" * 57


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("redis", "docker.io/library/redis:latest"),
        ("docker.io/redis:7", "docker.io/library/redis:7"),
        ("index.docker.io/team/mongo", "docker.io/team/mongo:latest"),
        ("team/mongo:5", "docker.io/team/mongo:5"),
        ("localhost/app", "localhost/app:latest"),
        ("myregistry:5000/app", "myregistry:5000/app:latest"),
        ("127.0.0.1:15000/team/sub/app:9", "127.0.0.1:15000/team/sub/app:9"),
        ("[::1]:5000/app:9", "[::1]:5000/app:9"),
        (f"ghcr.io/a/b@{DIGEST}", f"ghcr.io/a/b@{DIGEST}"),
        (f"GHCR.io/a/b:v1@{DIGEST}", f"ghcr.io/a/b:v1@{DIGEST}"),
    ],
)
def test_names_have_one_spelling(text: str, whole: str) -> None:
    assert str(parse(text)) == whole
    assert str(parse(whole)) == whole


@pytest.mark.parametrize(
    "text",
    [
        "",
        "App_:::1",
        "a b",
        "team//app",
        "reg:port/app",
        "app:",
        "app:-x",
        "app@sha256:12",
        "-x/app",
        "a" * 300,
        "a/../b",
    ],
)
def test_what_no_registry_holds_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is not an image name"):
        parse(text)


@given(st.text(max_size=60))
def test_nothing_but_usage_errors(text: str) -> None:
    image(text)
    same_repository(text, "redis")
    try:
        whole = str(parse(text))
    except UsageError:
        return
    assert str(parse(whole)) == whole


def test_repositories_are_compared_by_what_they_are() -> None:
    assert same_repository("redis:7", "docker.io/library/redis@" + DIGEST)
    assert same_repository("App_", "App_")
    assert not same_repository("team/redis", "redis")
    aliases = {"registry.local:5000": "192.168.1.2:5000"}
    assert same_repository("registry.local:5000/app", "192.168.1.2:5000/app:3", aliases)
    assert not same_repository("registry.local:5000/app", "192.168.1.2:5000/app")


def test_what_a_workload_names_is_kept_as_it_is_written() -> None:
    found = image(f"redis:7@{DIGEST}")
    assert (found.repository, found.tag, found.digest) == ("redis", "7", DIGEST)
    assert found.reference == f"redis:7@{DIGEST}"
    assert image("App_:::1").repository == "App_"
    assert [label("myregistry:5000/app"), label(f"app@{DIGEST}")] == ["latest", "sha256:44c1f0e"]


def test_digests_and_commits() -> None:
    assert looks_like_digest(DIGEST)
    assert looks_like_digest("sha256:44c1f0e")
    assert not looks_like_digest("sha256:44c1")
    assert not looks_like_digest("44c1f0e")
    assert looks_like_sha("3F2A91")
    assert not looks_like_sha("3f2a9")
    assert not looks_like_sha("rel.0.9")
