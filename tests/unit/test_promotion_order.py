"""Production takes only what has run healthy in staging, the same digest."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.core.workload import Image
from tests.unit.talk import Talk, talking


@pytest.fixture
def ordered(tmp_path: Path) -> Iterator[Talk]:
    with talking(tmp_path, production=", after: staging, soak: 30s") as talk:
        yield talk


def test_what_has_not_run_there_is_refused_with_the_order_that_comes_first(ordered: Talk) -> None:
    ordered.push("adderservice", "aaaaaa1")
    reply = ordered.say("deploy adderservice aaaaaa1 to production")
    assert (reply.code, reply.title) == ("not_ready", "production takes only what has run healthy in staging for 30 s.")
    assert "aaaaaa1 has not been rolled out there and stayed healthy." in reply.body
    assert "    deploy adderservice aaaaaa1 to staging" in reply.body
    assert ordered.say("deploy adderservice aaaaaa1 to production --dry-run").code == "not_ready"


def test_it_has_to_stay_healthy_for_so_long(ordered: Talk) -> None:
    ordered.push("adderservice", "aaaaaa2")
    ordered.say("deploy adderservice aaaaaa2 to staging")
    reply = ordered.say("promote adderservice to production")
    assert reply.code == "not_ready"
    assert "aaaaaa2 has been healthy there for " in reply.body
    ordered.pass_time(lambda: ordered.say("promote adderservice to production").code == "")


def test_what_failed_there_does_not_count(ordered: Talk) -> None:
    assert ordered.say("deploy adderservice 77be001 to staging").code == "failed"
    assert ordered.say("deploy adderservice 77be001 to production").code == "not_ready"


def test_another_image_under_the_same_tag_does_not_count(ordered: Talk) -> None:
    ordered.push("adderservice", "aaaaaa3")
    ordered.say("deploy adderservice aaaaaa3 to staging")
    ordered.registry.push(Image("registry.local:5000/adderservice", "aaaaaa3", "sha256:" + "7" * 64))
    assert "has not been rolled out there" in ordered.say("deploy adderservice aaaaaa3 to production").body


def test_what_ran_there_before_anybody_followed_it_counts(ordered: Talk) -> None:
    running = ordered.cluster.find("staging", "micro-staging", "adderservice").containers[0].image
    assert "3f2a91c@sha256:" in running
    ordered.say("scale adderservice 2 in production")
    assert ordered.say("rollback adderservice in production").code == ""
    assert ordered.say("deploy adderservice 3f2a91c to production").code == ""


def test_an_emergency_goes_past_it_aloud(ordered: Talk) -> None:
    reply = ordered.say('deploy adderservice 9ab01de to production --override "the site is down"')
    assert reply.code == ""
    assert "OVERRIDE by @operator: the site is down" in reply.body
    entry = ordered.store.audit()[0]
    assert entry.rule == "override by the console is the operator, instead of promotion order: after staging"
