"""Which build an image was made by."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from bot.core.events import Build, BuildPhase, BuildResult
from bot.core.provenance import build_of, maker
from bot.core.workload import Image

SHA = "3f2a91c0de5f00d5f00d5f00d5f00d5f00d5f00d"
HERE = "registry.local:5000/adderservice"


def built(number: int = 7, **more: object) -> Build:
    began = datetime(2026, 11, 2, 9, tzinfo=UTC)
    return replace(Build("jenkins", "adderservice", number, BuildPhase.FINISHED, began, BuildResult.SUCCESS), **more)


@pytest.mark.parametrize(
    "image",
    [
        Image(HERE, "3f2a91c"),
        Image(HERE, "v3f2a91c"),
        Image(HERE, "main-3f2a91c"),
        Image(HERE, "1.4-2-g3f2a91c"),
        Image(HERE, "rel.7", revision=SHA.upper()),
    ],
    ids=lambda image: f"{image.tag}",
)
def test_the_commit_tells_it(image: Image) -> None:
    assert maker(image, [built(8, revision="0" * 40), built(7, revision=SHA)]) == built(7, revision=SHA)


def test_the_label_is_believed_before_the_tag() -> None:
    assert maker(Image(HERE, "3f2a91c", revision="a" * 40), [built(revision=SHA)]) is None


def test_five_characters_tell_nothing() -> None:
    assert maker(Image(HERE, "x", revision=SHA), [built(revision=SHA[:5])]) is None


def test_the_name_that_the_build_gave_goes_before_the_commit() -> None:
    named = built(7, images=("hub.example.com/team/adderservice:rel.7",))
    assert maker(Image(HERE, "rel.7", revision=SHA), [built(8, revision=SHA), named]) == named


def test_a_digest_is_surer_than_a_tag() -> None:
    made = built(images=(f"{HERE}:rel.7@sha256:{'a' * 64}",))
    assert maker(Image(HERE, "rel.7", digest=f"sha256:{'b' * 64}"), [made]) is None
    assert maker(Image(HERE, "stable", digest=f"sha256:{'a' * 64}"), [made]) == made


def test_a_fork_has_no_say_and_what_still_runs_has_made_nothing() -> None:
    fork, running = built(revision=SHA, fork=True), built(revision=SHA, phase=BuildPhase.STARTED, result=None)
    assert maker(Image(HERE, SHA[:7]), [fork, running]) is None


def test_one_that_failed_is_known_but_announces_nothing() -> None:
    failed = built(revision=SHA, result=BuildResult.FAILURE)
    assert build_of(Image(HERE, SHA[:7]), [failed]) == failed
    assert maker(Image(HERE, SHA[:7]), [failed]) is None
