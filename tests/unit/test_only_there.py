"""A role that counts in some channels only: whatever way an order takes, it is decided where it was given."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.model import Place, Request, Who
from tests.unit.talk import DEV, LEAD, OPERATOR, Talk, talking
from tests.unit.test_agreeing import image

ROLES = """
roles:
  deployers: {verbs: [deploy, scale, schedule], people: [dev1@example.com], channels: [C0DEPLOYS]}
  releasers: {verbs: [approve], people: [lead@example.com], channels: [C0RELEASE]}
  helpers: {verbs: [approve], people: [lead@example.com]}
"""
HERE, DIRECT, RELEASE = Place("slack", "C0DEPLOYS"), Place("slack", "D0DEV"), Place("slack", "C0RELEASE")
WEBEX_ROOM = Place("webex", "Y2lzY29ybw")
ON_WEBEX = Who("webex", "Y2dev1", "dev1", "dev1@example.com")
SCALE = "scale webapp 5 in staging"


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Talk]:
    with talking(tmp_path, more=ROLES, production=", approvals: {role: releasers}") as made:
        yield made


def says(talk: Talk, text: str, place: Place, who: Who = DEV, *, button: str | None = None) -> str:
    """The code of what it came to; empty for what was done."""
    request = Request(
        f"{who.id}:{place.channel}:{text}:{button}", who, place, text, talk.parts.clock.now(), None, button
    )
    reply = talk.bot.dispatcher.carry_out(request)
    assert reply is not None
    return reply.code


@pytest.mark.parametrize(
    ("place", "who", "button", "code"),
    [
        (HERE, DEV, None, ""),
        (Place("slack", "C0DEPLOYS", "1700000000.1"), DEV, None, ""),
        (HERE, DEV, "b1", ""),
        (DIRECT, DEV, None, "not_allowed"),
        (DIRECT, DEV, "b1", "not_allowed"),
        (WEBEX_ROOM, ON_WEBEX, None, "not_allowed"),
        (WEBEX_ROOM, ON_WEBEX, "card", "not_allowed"),
    ],
    ids=["typed", "in a thread", "a button", "a direct message", "a button in one", "another chat", "a card there"],
)
def test_an_order_counts_in_its_channel(talk: Talk, place: Place, who: Who, button: str | None, code: str) -> None:
    assert says(talk, SCALE, place, who, button=button) == code


def test_an_order_for_later_counts_where_it_was_given(talk: Talk) -> None:
    due = talk.parts.clock.now() + timedelta(minutes=2)
    at = f"at {due:%Y-%m-%d %H:%M} {SCALE}"
    assert says(talk, at, DIRECT) == "not_allowed"
    assert says(talk, at, HERE) == ""
    talk.pass_time(lambda: any(e.outcome == "applied" and e.verb == "scale" for e in talk.store.audit()))
    (ran,) = (e for e in talk.store.audit() if e.verb == "scale")
    assert (ran.place.channel, ran.rule) == ("C0DEPLOYS", "role deployers")


def test_who_agrees_does_so_where_their_role_counts(talk: Talk) -> None:
    before = image(talk)
    assert says(talk, "deploy adderservice 9ab01de to production", HERE) == "approve"
    assert says(talk, "approve 1", DIRECT, LEAD) == "not_allowed"
    assert says(talk, "approve 1", DIRECT, LEAD, button="b1") == "not_allowed"
    assert image(talk) == before
    assert says(talk, "approve 1", RELEASE, LEAD) == ""
    talk.pass_time(lambda: image(talk) != before)


def test_what_was_ordered_there_is_carried_out_wherever_it_was_approved(talk: Talk) -> None:
    says(talk, "deploy adderservice 9ab01de to production", HERE)
    says(talk, "approve 1", RELEASE, LEAD)
    talk.pass_time(lambda: any(e.outcome == "applied" and e.verb == "deploy" for e in talk.store.audit()))
    (ran,) = (e for e in talk.store.audit() if e.verb == "deploy" and e.outcome == "applied")
    assert (ran.place.channel, ran.rule) == ("C0DEPLOYS", "role deployers")


def test_whoami_says_where_a_role_counts(talk: Talk) -> None:
    talk.say("status", OPERATOR)
    request = Request("who", DEV, DIRECT, "whoami", talk.parts.clock.now())
    reply = talk.bot.dispatcher.carry_out(request)
    assert reply and next(f.value for f in reply.fields if f.name == "roles") == "deployers (not in this place)"
