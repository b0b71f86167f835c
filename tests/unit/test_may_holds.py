"""`may` says yes exactly where the policy lets the order go on: what it promises is what happens."""

from pathlib import Path

import pytest

from bot.core.model import Reply, Request, Who
from tests.unit.talk import DEV, LEAD, ROOM, STRANGER, Talk, talking

ROLES = """
roles:
  ops: {verbs: [lock, freeze, scale, deploy, pause, set], people: [dev1@example.com], environments: [staging], services: [webapp]}
  production: {verbs: ["*"], people: [lead@example.com], environments: [production], deny: [set]}
  closers: {verbs: [freeze, lock], people: [dev1@example.com], environments: [production]}
"""  # noqa: E501
ORDERS = (
    "deploy webapp 9ab01de",
    "deploy webapp 9ab01de to production",
    "deploy adderservice 9ab01de to staging",
    'deploy webapp 9ab01de to production --override "now"',
    "scale webapp 3 in staging",
    "promote webapp from staging to production",
    "set webapp A=b in production",
    "rollback webapp in production",
    'lock webapp "x"',
    'lock adderservice in staging "x"',
    'lock staging "x"',
    'lock all "x"',
    "unlock all",
    'freeze production "x"',
    'freeze all "x"',
    "unfreeze all",
    "status webapp in staging",
)
GUARDS = (None, 'freeze staging "f"', 'lock webapp in production "l"')


def said(talk: Talk, text: str, who: Who, turn: str) -> Reply:
    reply = talk.bot.dispatcher.carry_out(Request(f"{turn}:{who.id}:{text}", who, ROOM, text, talk.parts.clock.now()))
    assert reply is not None
    return reply


def closed_by(talk: Talk, guard: str | None) -> None:
    """By that alone."""
    for lock in talk.store.locks():
        talk.store.release_lock(lock.service, lock.environment)
    for freeze in talk.store.freezes():
        talk.store.unfreeze(freeze.environment)
    if guard:
        talk.say(guard)


@pytest.mark.parametrize("guard", GUARDS)
def test_what_may_promises_is_what_happens(tmp_path: Path, guard: str | None) -> None:
    with talking(tmp_path, more=ROLES, lead=False) as talk:
        for who in (DEV, LEAD, STRANGER):
            for text in ORDERS:
                closed_by(talk, guard)
                promised = said(talk, f"may {text}", who, "may").title
                stopped = said(talk, text, who, "do").code in ("not_allowed", "locked", "frozen")
                assert promised.startswith("No:" if stopped else "Yes:"), (who.name, text, promised)


def test_everything_is_called_so(tmp_path: Path) -> None:
    with talking(tmp_path, more=ROLES, lead=False) as talk:
        assert said(talk, 'may lock all "x"', DEV, "1").title == "No: lock everything is refused."
        assert said(talk, 'lock all "x"', DEV, "2").title == "You may not lock everything."
        assert said(talk, 'may lock production "x"', DEV, "3").title == "Yes: lock everything in production is allowed."
        assert said(talk, 'freeze all "x"', DEV, "4").title == "You may not freeze everything."


WAITS = """
roles:
  deployers: {verbs: [deploy], people: [dev1@example.com]}
  releasers: {verbs: [approve], people: [lead@example.com], environments: [production]}
  others: {verbs: [approve], people: ["slack:U0STRANGER"], environments: [staging]}
"""


def test_an_approval_is_promised_for_what_waits_under_its_number(tmp_path: Path) -> None:
    with talking(tmp_path, more=WAITS, production=", approvals: {role: releasers}", lead=False) as talk:
        assert said(talk, "may approve 1", LEAD, "0").title == "Nothing waits under 1."
        assert said(talk, "deploy webapp 9ab01de to production", DEV, "1").code == "approve"
        assert said(talk, "may approve 1", STRANGER, "2").title.startswith("Only releasers agree to webapp")
        assert said(talk, "approve 1", STRANGER, "3").code == "not_allowed"
        assert said(talk, "may approve 1", DEV, "4").title == "You ordered webapp → 9ab01de in production yourself."
        assert said(talk, "may approve 1", LEAD, "5").title == "Yes: approve webapp in production is allowed."
        assert said(talk, "approve 1", LEAD, "6").title == "webapp → 9ab01de in production approved"


def test_a_bot_that_may_not_confirm_is_not_named_as_one_who_can(tmp_path: Path) -> None:
    roles = """
roles:
  ci: {verbs: [deploy], people: ["slack:B0CI"]}
  releasers: {verbs: ["*"], people: [lead@example.com]}
"""
    robot = Who("slack", "B0CI", "ci", robot=True)
    with talking(tmp_path, more=roles, lead=False, production=", confirm: true") as talk:
        reply = talk.say("may deploy webapp 9ab01de to production", robot)
        assert "\nPeople who can: lead@example.com.\n" in reply.body
