"""What people type for a version."""

from datetime import timedelta

import pytest

from bot.core.errors import Ambiguous, NotFound
from bot.core.tags import resolve
from bot.core.workload import Image
from tests.unit.test_tags import REPOSITORY, T0

NOW = T0 + timedelta(days=1)


def image(tag: str, minutes: int = 60, digest: str | None = None, revision: str | None = None) -> Image:
    whole = f"sha256:{digest:0<64}" if digest else None
    return Image(
        repository=REPOSITORY, tag=tag, digest=whole, revision=revision, created=NOW - timedelta(minutes=minutes)
    )


HISTORY = [
    image("9ab01de", 300, "9a"),
    image("3f2a91c", 120, "44c1f0e"),
    image("77be001", 5, "77"),
    image("main-5d0e111", 200, "5d"),
    image("v1.14.2", 400, "aa"),
    image("build-12", 500, "bb", revision="c0ffee" + "1" * 34),
    image("sha256-44c1f0e.sig", 1, "cc"),
]


def ask(words: str, images: list[Image] | None = None) -> str | None:
    return resolve(words, HISTORY if images is None else images, service="adderservice", now=NOW).tag


@pytest.mark.parametrize(
    ("words", "tag"),
    [
        ("3f2a91c", "3f2a91c"),
        ("3f2a91", "3f2a91c"),
        ("3F2A91C", "3f2a91c"),
        ("3f2a91c" + "0" * 33, "3f2a91c"),
        ("5d0e11", "main-5d0e111"),
        ("c0ffee", "build-12"),
        ("sha256:44c1f0e", "3f2a91c"),
        ("sha256:44c1f0e" + "0" * 57, "3f2a91c"),
        ("3f2a91c@sha256:44c1f0e", "3f2a91c"),
        ("1.14.2", "v1.14.2"),
        ("latest", "77be001"),
        ("newest", "77be001"),
    ],
)
def test_what_is_meant(words: str, tag: str) -> None:
    assert ask(words) == tag


@pytest.mark.parametrize("tag", ["v3f2a91c", "sha-3f2a91c", "git-3f2a91c", "main-3f2a91c", "1.4-2-g3f2a91c"])
def test_common_affixes(tag: str) -> None:
    assert ask("3f2a91c", [image(tag)]) == tag


def test_an_exact_tag_comes_first() -> None:
    twins = [image("3f2a91c", digest="a"), image("3f2a91c-alpine", digest="b")]
    assert ask("3f2a91c", twins) == "3f2a91c"
    assert ask("latest", [image("latest", 900), image("new", 1)]) == "latest"


def test_one_image_under_several_tags_is_one() -> None:
    assert ask("3f2a91", [image("main-3f2a91c", digest="a"), image("3f2a91c", digest="a")]) == "3f2a91c"


def test_several_images_are_a_question() -> None:
    images = [image("3f2a91c", 120, "a"), image("3f2a91d", 60, "b")]
    with pytest.raises(Ambiguous) as refused:
        ask("3f2a91", images)
    assert refused.value.sentence == "3f2a91 may be several images of adderservice."
    assert refused.value.fact == "3f2a91c (2 h ago), 3f2a91d (1 h ago)."
    assert refused.value.hint == "deploy adderservice 3f2a91c"


def test_what_is_not_there_is_answered_with_what_is_near() -> None:
    with pytest.raises(NotFound) as refused:
        resolve(
            "3f2a91d",
            HISTORY,
            service="adderservice",
            now=NOW,
            again=lambda tag: f"deploy adderservice {tag} to staging",
        )
    error = refused.value
    assert error.sentence == "No image 3f2a91d of adderservice."
    assert error.fact == "Nearest: 3f2a91c (2 h ago). Newest: 77be001 (5 min ago)."
    assert error.hint == "deploy adderservice 3f2a91c to staging"
    assert error.orders == (
        ("3f2a91c", "deploy adderservice 3f2a91c to staging"),
        ("Images", "images adderservice"),
    )


def test_a_commit_cut_too_short_is_told_so() -> None:
    with pytest.raises(NotFound) as refused:
        ask("3f2a")
    assert refused.value.fact.startswith("A commit needs at least 6 characters. Nearest: 3f2a91c")


def test_a_signature_cannot_be_ordered() -> None:
    with pytest.raises(NotFound):
        ask("sha256-44c1f0e.sig")


def test_an_empty_repository() -> None:
    with pytest.raises(NotFound) as refused:
        ask("3f2a91c", [])
    assert (refused.value.fact, refused.value.hint) == ("Its repository holds none.", "images adderservice")
