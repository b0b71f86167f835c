"""What belongs to one release, by its names alone."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from bot.core.events import Build, BuildPhase, BuildResult, Commit, Rollout
from bot.core.release import (
    Joined,
    Names,
    Part,
    Release,
    build_part,
    commit_part,
    image_names,
    image_part,
    join,
    moves,
    rollout_part,
    same,
)
from bot.core.workload import Image, Kind, Phase, Target

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
SHA = "3f2a91c4b7d05e8a6619f0c2d3e4b5a697887766"
OTHER = "9ab01de4b7d05e8a6619f0c2d3e4b5a697887766"
BUILD = Build("jenkins", "adder", 418, BuildPhase.FINISHED, AT, result=BuildResult.SUCCESS, revision=SHA)
ROLLOUT = Rollout(
    "rollout:main/uid/7",
    Target("staging", "main", "micro-staging", Kind.DEPLOYMENT, "adderservice"),
    "adderservice",
    "deploy",
    42,
    "template",
    "3f2a91c",
    "9ab01de",
    Phase.PROVEN,
    2,
    2,
    AT,
    AT,
)


def image(tag: str, revision: str | None = None) -> Names:
    return image_names(Image("registry/adder", tag, f"sha256:{'4' * 64}", revision))


def tagged(label: str) -> Names:
    return rollout_part(replace(ROLLOUT, image=label)).names


def built(**changes: object) -> Names:
    return build_part(replace(BUILD, **changes)).names


def test_a_commit_that_is_told_short_is_the_one_that_a_tag_holds_whole() -> None:
    short, tag = Names(SHA[:8]), Names(tags=frozenset({f"main-{SHA}"}))
    assert same(short, tag)
    assert short.index() & tag.index()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (built(), tagged("3f2a91c")),
        (built(), tagged("3f2a91c4b7d0")),
        (built(), tagged("main-3f2a91c")),
        (built(), tagged("sha-3f2a91c")),
        (built(), tagged("1.4.0-3F2A91C")),
        (built(revision="3f2a91c"), image("anything", SHA)),
        (built(revision=None), tagged("418")),
        (built(revision=None), tagged("b418")),
        (built(revision=None), tagged("build-418")),
        (built(revision=None), tagged("v418")),
        (built(revision=None), tagged("1.4.0-418")),
        (built(revision=None), tagged("1.4.0+418")),
        (built(tag="v1.4.0"), tagged("1.4.0")),
        (built(tag="v1.4.0"), tagged("v1.4.0")),
        (built(images=("registry/adder:night-7", "registry/adder:latest")), tagged("night-7")),
        (image("night-7"), tagged("sha256:4444444")),
        (built(revision="1234567890"), tagged("1234567")),
    ],
)
def test_they_share_a_revision(one: Names, other: Names) -> None:
    assert same(one, other)
    assert same(other, one)
    assert one.index() & other.index()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (built(), built(revision=OTHER)),
        (built(), tagged("9ab01de")),
        (built(), tagged("3f2a91")),
        (built(), tagged("latest")),
        (built(revision=None), built(revision=None, job="another")),
        (built(revision=None), tagged("419")),
        (built(revision=None), tagged("rel.418")),
        (built(revision=None), tagged("2026-11-418")),
        (built(revision=None), image("418", OTHER)),
        (built(tag="v1.4.0"), built(tag="v1.4.0", revision=OTHER)),
        (tagged("latest"), tagged("latest")),
        (tagged("20261120"), tagged("20261121")),
        (Names(), Names()),
    ],
)
def test_they_do_not(one: Names, other: Names) -> None:
    assert not same(one, other)
    assert not same(other, one)


@pytest.mark.parametrize(
    ("names", "opens"),
    [
        (built(), True),
        (built(revision=None), False),
        (built(revision=None, tag="v1.4.0"), True),
        (tagged("latest"), False),
        (tagged("sha256:4444444"), False),
        (tagged("1.4.0"), True),
    ],
)
def test_what_begins_a_release(names: Names, opens: bool) -> None:
    assert names.open is opens


def all_of(*parts: Part, known: tuple[Release, ...] = ()) -> dict[str, Release]:
    book = {release.key: release for release in known}
    for number, part in enumerate(parts):
        joined = join(list(book.values()), "adderservice", part, AT + timedelta(seconds=number))
        for release in (joined.release, *joined.gone) if joined else ():
            book[release.key] = release
    return book


def test_the_one_that_was_opened_first_goes_on() -> None:
    first, second = (
        commit_part(Commit("github", "team/adder", SHA, AT, "Round")),
        rollout_part(replace(ROLLOUT, image="1.4.0")),
    )
    book = all_of(first, second, image_part("tag:1", Image("registry/adder", "1.4.0", revision=SHA), AT))
    went_on, gone = book["release:adderservice:3f2a91c"], book["release:adderservice:1.4.0"]
    assert gone.into == went_on.key
    assert [part.stage for part in went_on.parts] == ["merge", "staging", "image"]
    assert went_on.label == "1.4.0 (3f2a91c)"


def test_what_links_two_commits_makes_them_no_one() -> None:
    """Two jobs have a build 418 each, and the tag says no more than that."""
    one, other = build_part(BUILD), build_part(replace(BUILD, job="audit", revision=OTHER))
    book = all_of(one, other, rollout_part(replace(ROLLOUT, image="b418")))
    assert [release.into for release in book.values()] == ["", ""]


def test_a_tag_that_was_given_to_another_commit_before_is_told_apart() -> None:
    one = image_part("tag:1", Image("registry/adder", "1.4.0", revision=SHA), AT)
    other = image_part("tag:2", Image("registry/adder", "1.4.0", revision=OTHER), AT)
    assert sorted(all_of(one, other)) == ["release:adderservice:1.4.0", f"release:adderservice:1.4.0:{OTHER}"]


def test_what_may_not_begin_one_waits_for_it() -> None:
    part = commit_part(Commit("github", "team/adder", SHA, AT, "Round half to even"))
    assert join([], "adderservice", part, AT, opens=False) is None
    release = Release("r", "adderservice", AT, (build_part(BUILD),))
    assert join([release], "adderservice", part, AT, opens=False) == Joined(release.having(part))


@pytest.mark.parametrize(
    ("changes", "moved"),
    [
        ({}, True),
        ({"verb": "promote"}, True),
        ({"verb": "rollback"}, True),
        ({"verb": "scale"}, False),
        ({"verb": "restart", "previous": "3f2a91c"}, False),
        ({"previous": "3f2a91c"}, False),
    ],
)
def test_only_an_image_that_is_brought_somewhere_is_of_a_release(changes: dict[str, str], moved: bool) -> None:
    assert moves(replace(ROLLOUT, **changes)) is moved
