"""Another repository in the next environment: the same commit is meant, and how it was found is said."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.core.workload import Image
from tests.unit.talk import Talk, talking

HOME, THERE = "registry.local:5000/auditservice", "registry.local:5000/arm/auditservice"
SERVICE = f"""
  auditservice:
    repository: {{"*": {HOME}, production: {THERE}}}
    default_environment: staging
"""
ORDER = "promote auditservice to production --dry-run"


@pytest.fixture
def arm(tmp_path: Path) -> Iterator[Talk]:
    """b42 of commit c0ffee1 runs in staging."""
    with talking(tmp_path, more=SERVICE) as bot:
        bot.registry.push(Image(HOME, "b42", revision="c0ffee1234"))
        assert bot.say("deploy auditservice b42 to staging").title.endswith("done")
        yield bot


def test_by_the_tag(arm: Talk) -> None:
    found = arm.registry.push(Image(THERE, "b42", revision="c0ffee1234"))
    reply = arm.say(ORDER)
    assert f"By its tag: {THERE} is another repository." in reply.body
    assert f"+ {found.reference}" in reply.body


@pytest.mark.parametrize("taken", [True, False])
def test_by_the_revision_where_the_tag_is_not_there_or_is_another_commit(arm: Talk, *, taken: bool) -> None:
    if taken:
        arm.registry.push(Image(THERE, "b42", revision="bad0000999"))
    arm.registry.push(Image(THERE, "arm-7", revision="c0ffee1234"))
    reply = arm.say(ORDER)
    assert reply.title == "auditservice → arm-7 in production · dry run, nothing changed"
    assert f"By its revision c0ffee1: {THERE} is another repository." in reply.body


def test_another_commit_under_the_same_tag_is_never_promoted(arm: Talk) -> None:
    arm.registry.push(Image(THERE, "b42", revision="bad0000999"))
    reply = arm.say(ORDER)
    assert (reply.code, reply.title) == ("not_found", "No image c0ffee1234 of auditservice.")
