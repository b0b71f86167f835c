"""What is news, and what is never: a signature, a pre-release nobody named, a step back."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.catalogue import Sort, Watch
from bot.core.errors import UsageError
from bot.core.tags import newest, order, unclear
from bot.core.tags.policy import read_policy
from bot.core.tags.semver import read_range, version
from bot.core.workload import Image

T0 = datetime(2026, 11, 1, tzinfo=UTC)
REPOSITORY = "myregistry:5000/app"


def image(tag: str | None, age: float | None = None, digest: str | None = None) -> Image:
    created = None if age is None else T0 + timedelta(days=100 - age)
    return Image(repository=REPOSITORY, tag=tag, created=created, digest=digest)


def images(*tags: str) -> list[Image]:
    return [image(tag) for tag in tags]


def best(watch: Watch, running: str | None, *tags: str) -> str | None:
    found = newest(images(*tags), watch, image(running) if running else None)
    return found.tag if found else None


def semver(text: str) -> Watch:
    return Watch(policy="semver", argument=text)


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("^1.2", "1.2.0 1.9 v1.14.2", "1.1.9 2.0.0 2.0.0-rc.1 1.3.0-rc.1"),
        ("^0.2.3", "0.2.3 0.2.9", "0.2.2 0.3.0 1.0.0"),
        ("^0.0.3", "0.0.3", "0.0.4 0.0.2"),
        ("~1.4", "1.4.0 1.4.9", "1.5.0 1.3.9"),
        ("~1.4.2", "1.4.2 1.4.3", "1.4.1 1.5.0"),
        (">=1 <2", "1.0.0 1.9.9", "0.9.9 2.0.0"),
        (">1.2, <=1.4", "1.3.0 1.4.7", "1.2.9 1.5.0"),
        ("1.x", "1.0.0 1.9.0", "2.0.0"),
        ("1.2.*", "1.2.0 1.2.7", "1.3.0"),
        ("*", "0.0.1 9.9.9", "9.9.9-rc.1"),
        ("1.2.3", "1.2.3 v1.2.3", "1.2.4 1.2.3-rc.1"),
        ("=1.2.3-rc.1", "1.2.3-rc.1", "1.2.3 1.2.3-rc.2"),
        ("^1.3.0-rc.1", "1.3.0-rc.1 1.3.0-rc.2 1.3.0 1.4.0-beta", "1.3.0-beta 2.0.0-rc.1"),
        ("^0.0.3-rc.1", "0.0.3-rc.2 0.0.3", "0.0.4"),
        ("~1.2 || ^3", "1.2.5 3.9.0", "2.0.0 1.3.0"),
    ],
)
def test_ranges(text: str, inside: str, outside: str) -> None:
    wanted = read_range(text)
    for tag in inside.split():
        found = version(tag)
        assert found is not None
        assert found in wanted, tag
    for tag in outside.split():
        found = version(tag)
        assert found is not None
        assert found not in wanted, tag


@pytest.mark.parametrize("tag", ["20241101", "2024.01.05", "1", "latest", "1.2.3.4", "3f2a91c", "v", "1.2.", ""])
def test_what_is_no_version(tag: str) -> None:
    assert version(tag) is None


def test_versions_in_their_order() -> None:
    right = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.2.0", "1.10.0"]
    shuffled = random.Random(7).sample(right, len(right))
    assert sorted(shuffled, key=_place) == right


def _place(tag: str) -> Any:
    found = version(tag)
    assert found is not None
    return found.key


def test_semver() -> None:
    assert best(semver("^1.2"), "1.2.0", "1.2.0", "1.10.0", "1.9.0", "2.0.0", "1.11.0-rc.1", "latest") == "1.10.0"
    assert best(semver("^1.2"), "2.0.0", "1.10.0") is None
    assert best(semver("^1.2"), "1.11.0-rc.1", "1.10.0") is None
    assert best(semver("^1.2"), None, "1.14", "1.14.0") == "1.14.0"


def test_globs_sort_naturally() -> None:
    watch = Watch(policy="glob", argument="rel.*")
    assert best(watch, "rel.0.9", "rel.0.9", "rel.0.10", "b99") == "rel.0.10"
    assert best(watch, "rel.0.10", "rel.0.9", "rel.0.010") is None
    assert [i.tag for i in order(images("rel.0.2", "rel.0.10", "rel.0.9"), watch)] == ["rel.0.10", "rel.0.9", "rel.0.2"]


@pytest.mark.parametrize(
    ("watch", "tags", "expected"),
    [
        (Watch(policy="regex", argument=r"^b(?P<n>\d+)$", by="n"), ["b9", "b10", "c99"], "b10"),
        (Watch(policy="regex", argument=r"^b(?P<n>\d+)$"), ["b9", "b10"], "b10"),
        (
            Watch(policy="regex", argument=r"-(?P<d>[0-9-]+)$", by="d", sort=Sort.ALPHABETICAL),
            ["x-2026-1", "x-2025-9"],
            "x-2026-1",
        ),
        (
            Watch(policy="regex", argument=r"^app-(?P<v>.+)$", by="v", sort=Sort.SEMVER),
            ["app-1.9.0", "app-1.10.0"],
            "app-1.10.0",
        ),
    ],
)
def test_regex_sorts_by_its_group(watch: Watch, tags: list[str], expected: str) -> None:
    assert best(watch, None, *tags) == expected


def test_commits_go_by_the_time_of_their_build() -> None:
    watch = Watch(policy="sha")
    tags = [image("9ab01de", 3), image("main-3f2a91c", 2), image("latest", 0), image("77be001")]
    assert newest(tags, watch, image("9ab01de", 3)) == tags[1]
    assert newest(tags, watch, image("000aaaa", 1)) is None
    assert newest(tags, watch, image("000aaaa")) is None


def test_a_mutable_tag_goes_by_its_digest() -> None:
    watch = Watch(policy="digest", argument="latest")
    moved = image("latest", 1, "sha256:b")
    assert newest([moved, image("other", 0, "sha256:c")], watch, image("latest", 2, "sha256:a")) == moved
    assert newest([moved], watch, image("latest", 1, "sha256:b")) is None
    assert newest([moved], watch, image("latest", 0, "sha256:a")) is None
    assert newest([moved], watch, image("latest")) == moved
    assert newest([moved], watch, image("1.0.0")) == moved


def test_signatures_and_attestations_are_never_images() -> None:
    watch = Watch(policy="glob", argument="*", exclude=("*-debug",))
    assert best(watch, None, "a1.sig", "a2.att", "a3.sbom", "sha256-44c1", "a9-debug", "a0") == "a0"


def test_one_build_under_several_tags_is_not_news() -> None:
    watch = Watch(policy="glob", argument="rel.*")
    tags = [image("b2", digest="sha256:d"), image("rel.0.3", digest="sha256:d"), image("rel.0.2", digest="sha256:c")]
    assert newest(tags, watch, image("b2", digest="sha256:d")) is None
    later = image("rel.0.4", digest="sha256:e")
    assert newest([*tags, later], watch, image("b2", digest="sha256:d")) == later


def test_what_cannot_be_compared_is_not_newer_unless_it_was_built_later() -> None:
    watch = semver("^1.2")
    assert newest([image("1.3.0")], watch, image("hotfix")) is None
    assert newest([image("1.3.0", 1)], watch, image("hotfix", 2)) is not None
    assert newest([image("1.3.0", 3)], watch, image("hotfix", 2)) is None


def test_what_cannot_be_compared_is_left_to_people() -> None:
    watch, sha = semver("^1.2"), Watch(policy="sha")
    assert unclear([image("1.2.0"), image("1.3.0")], watch, image("hotfix")) == image("1.3.0")
    assert unclear([image("1.3.0")], watch, image("1.4.0")) is None
    assert unclear([image("1.3.0", 3)], watch, image("hotfix", 2)) is None
    assert unclear([image("9ab01de", 3)], sha, image("3f2a91c")) == image("9ab01de", 3)
    assert unclear([image("9ab01de")], sha, None) == image("9ab01de")
    assert unclear([image("9ab01de", digest="sha256:a")], sha, image("3f2a91c", digest="sha256:a")) is None
    assert unclear([image("latest", 3, "sha256:b")], Watch(policy="digest"), image("latest", 2, "sha256:a")) is None
    assert unclear([], sha, None) is None


@pytest.mark.parametrize(
    "watch",
    [
        semver("whatever"),
        semver(">="),
        semver("1 - 2"),
        Watch(policy="regex", argument="("),
        Watch(policy="regex", argument="^b(\\d+)$", by="n"),
        Watch(policy="newest"),
    ],
)
def test_a_watch_that_cannot_be_followed_is_refused(watch: Watch) -> None:
    with pytest.raises(UsageError):
        read_policy(watch)


_TAGS = st.one_of(
    st.from_regex(r"\Av?[0-3]\.[0-9]{1,2}(\.[0-9]{1,2})?(-rc\.[0-9])?\Z"),
    st.from_regex(r"\Arel\.[0-9]\.[0-9]{1,3}\Z"),
    st.from_regex(r"\A(main-)?[0-9a-f]{7}\Z"),
    st.from_regex(r"\Ab[0-9]{1,3}\Z"),
    st.text(max_size=8),
)
_IMAGES = st.builds(image, _TAGS, st.none() | st.integers(0, 9), st.none() | st.sampled_from(["sha256:a", "sha256:b"]))
_WATCHES = st.sampled_from(
    [
        semver("^1.2"),
        semver("*"),
        Watch(policy="glob", argument="*"),
        Watch(policy="glob", argument="rel.*"),
        Watch(policy="regex", argument=r"^b(?P<n>\d+)$", by="n"),
        Watch(policy="regex", argument=r"(?P<all>.*)", by="all", sort=Sort.ALPHABETICAL),
        Watch(policy="sha"),
        Watch(policy="digest", argument="1.2"),
    ]
)


@given(st.lists(_IMAGES, max_size=12), _WATCHES, st.none() | _IMAGES, st.randoms(use_true_random=False))
def test_stable_under_shuffling(found: list[Image], watch: Watch, running: Image | None, chance: random.Random) -> None:
    shuffled = chance.sample(found, len(found))
    assert order(shuffled, watch) == order(found, watch)
    assert newest(shuffled, watch, running) == newest(found, watch, running)


@given(st.lists(_IMAGES, max_size=12), _WATCHES, _IMAGES)
def test_never_a_downgrade(found: list[Image], watch: Watch, running: Image) -> None:
    """What is newer stands before the running one where both are listed, and going back is never offered."""
    news = newest(found, watch, running)
    if news is None:
        return
    assert news == order(found, watch)[0]
    assert newest([*found, running], watch, news) is None
    if news.digest and running.digest:
        assert news.digest != running.digest


@given(st.lists(_IMAGES, max_size=12), _WATCHES, st.none() | _IMAGES)
def test_what_is_newer_is_never_left_to_people(found: list[Image], watch: Watch, running: Image | None) -> None:
    if newest(found, watch, running) is not None:
        assert unclear(found, watch, running) is None
