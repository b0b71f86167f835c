"""Production takes only what has run healthy in staging, the same digest."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.workload import Image, Kind, Target
from tests.unit.talk import DEV, LEAD, Talk, talking

IN_STAGING = Target("staging", "test", "micro-staging", Kind.DEPLOYMENT, "webapp")


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
    may = ordered.say("may deploy adderservice 3f2a91c to production")
    assert (may.title, may.body.splitlines()) == (
        "Yes: deploy adderservice in production is allowed.",
        ["By: the console is the operator.", "    deploy adderservice 3f2a91c to production"],
    )
    assert ordered.say("deploy adderservice 3f2a91c to production").code == ""


def test_an_emergency_goes_past_it_aloud(ordered: Talk) -> None:
    reply = ordered.say('deploy adderservice 9ab01de to production --override "the site is down"')
    assert reply.code == ""
    assert "OVERRIDE by @operator: the site is down" in reply.body
    entry = ordered.store.audit()[0]
    assert entry.rule == "override by the console is the operator, instead of promotion order: after staging"


DEPLOY = "deploy webapp aaaaaa4 to production"
PLANNERS = """
roles:
  deployers: {verbs: [read, deploy], people: [dev1@example.com]}
  planners: {verbs: [read, deploy, schedule, freeze], people: [lead@example.com]}
"""


@pytest.fixture
def soaking(tmp_path: Path) -> Iterator[Talk]:
    """So long that no test outlasts it."""
    with talking(tmp_path, more=PLANNERS, production=", after: staging, soak: 1d") as talk:
        talk.push("webapp", "aaaaaa4")
        assert talk.say("deploy webapp aaaaaa4 to staging").code == ""
        yield talk


def test_what_has_to_stay_longer_is_offered_for_when_it_has(soaking: Talk) -> None:
    refused = soaking.say(f"qd {DEPLOY}.", LEAD)
    later, second = refused.buttons
    assert refused.code == "not_ready"
    assert later.label.startswith("At ") and later.command.endswith(f" {DEPLOY}")
    assert refused.body.endswith(f"    {later.command}")
    assert (second.label, second.command) == ("Status", "status webapp in staging")
    taken = soaking.say(later.command, LEAD)
    assert taken.title.startswith(f"{DEPLOY} · scheduled for ")
    assert "Now it would be refused: production takes only what has run healthy in staging for 1 d." in taken.body
    due = soaking.store.schedules()[0].due
    healthy = max(r.healthy_since for r in soaking.store.recent_rollouts(IN_STAGING) if r.healthy_since)
    assert timedelta(0) <= due - healthy - timedelta(days=1) < timedelta(minutes=1, seconds=1)


def test_may_says_what_stands_in_the_way_and_from_when_on_it_does_not(soaking: Talk) -> None:
    reply = soaking.say(f"may {DEPLOY}", LEAD)
    assert reply.title == "No: deploy webapp in production is refused."
    button, _ = reply.buttons
    assert button.command.startswith("at 2") and button.command.endswith(f" {DEPLOY}")
    assert reply.body.endswith(f"    {button.command}")
    assert "aaaaaa4 has been healthy there for " in reply.body
    assert "People who can override it: the console" in reply.body
    unknown = soaking.say("may deploy webapp cccccc9 to production", LEAD)
    assert unknown.title.startswith("Yes: ")
    assert "Now it would be refused: No image cccccc9 of webapp." in unknown.body


@pytest.mark.parametrize("ask", ["", "may "])
def test_later_is_offered_to_those_alone_who_may_schedule(soaking: Talk, ask: str) -> None:
    refused = soaking.say(f"{ask}{DEPLOY}", DEV)
    assert "aaaaaa4 has been healthy there for " in refused.body
    assert (refused.buttons, refused.body.endswith("    status webapp in staging")) == ((), True)


def test_what_was_replaced_before_its_time_does_not_get_there_by_waiting(soaking: Talk) -> None:
    soaking.push("webapp", "aaaaaa5")
    assert soaking.say("deploy webapp aaaaaa5 to staging").code == ""
    refused = soaking.say(DEPLOY, LEAD)
    assert ", and does not run there now." in refused.body
    assert (refused.buttons, refused.body.endswith("    deploy webapp aaaaaa4 to staging")) == ((), True)


def test_what_came_back_counts_from_when_it_came_back(soaking: Talk) -> None:
    soaking.push("webapp", "aaaaaa5")
    soaking.say("deploy webapp aaaaaa5 to staging")
    soaking.say("deploy webapp aaaaaa4 to staging")
    back = soaking.store.recent_rollouts(IN_STAGING)[0].healthy_since
    later = soaking.say(f"may {DEPLOY}", LEAD).buttons[0].command
    soaking.say(later, LEAD)
    assert back and soaking.store.schedules()[0].due >= back + timedelta(days=1)


def test_a_freeze_that_never_ends_leaves_nothing_to_wait_for(soaking: Talk) -> None:
    soaking.say('freeze production "incident 4711"')
    assert soaking.say(DEPLOY, LEAD).buttons == ()
    assert soaking.say(f"may {DEPLOY}", LEAD).buttons == ()


def test_may_offers_the_end_of_a_freeze(soaking: Talk) -> None:
    soaking.say('freeze production for 2h "release weekend"')
    reply = soaking.say(f"may {DEPLOY}", LEAD)
    assert reply.body.endswith(f" {DEPLOY}")
    assert [(b.command.endswith(f" {DEPLOY}"), b.label) for b in reply.buttons[1:]] == [(False, "Freezes")]
    assert reply.buttons[0].command.endswith(f" {DEPLOY}")
    assert soaking.say(f"may {DEPLOY}", DEV).body.endswith("    freezes")
    assert soaking.say(f"may {DEPLOY} --dry-run", LEAD).buttons == ()
