"""Changes that wait for people: what was shown is what happens, or it does not happen."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.core.model import Reply, Who
from bot.core.workload import Image
from tests.unit.talk import DEV, LEAD, OPERATOR, STRANGER, Talk, talking

PEOPLE = """
roles:
  deployers: {verbs: ["*"], people: [dev1@example.com, "slack:B0CIBOT"], deny: [override]}
  releasers: {verbs: [deploy, approve], people: [lead@example.com], groups: ["team:platform"]}
teams: {platform: ["slack:U0DEPUTY"]}
"""
CI = Who("slack", "B0CIBOT", "ci", robot=True)
DEPUTY = Who("slack", "U0DEPUTY", "deputy", "deputy@example.com")
DEPLOY = "deploy adderservice 9ab01de to production"
SHOWN = "adderservice → 9ab01de in production"


@pytest.fixture
def confirming(tmp_path: Path) -> Iterator[Talk]:
    with talking(tmp_path, more=PEOPLE, production=", confirm: true") as talk:
        yield talk


@pytest.fixture
def approving(tmp_path: Path) -> Iterator[Talk]:
    agreed = ", approvals: {count: 2, role: releasers, expire: 1m}"
    with talking(tmp_path, more=PEOPLE, production=agreed) as talk:
        yield talk


@pytest.fixture
def unhurried(tmp_path: Path) -> Iterator[Talk]:
    """Nothing expires while a test is at it, however slow the machine."""
    agreed = ", approvals: {count: 2, role: releasers, expire: 7d}"
    with talking(tmp_path, more=PEOPLE, production=agreed) as talk:
        yield talk


def asks(talk: Talk, order: str, who: Who) -> tuple[str, Reply]:
    """The key of an order and the question it stops at."""
    key = talk.begin(order, who)
    talk.until(lambda: talk.shown(key).code in ("confirm", "approve"))
    return key, talk.shown(key)


def image(talk: Talk, environment: str = "production") -> str:
    namespace = {"production": "micro", "staging": "micro-staging"}[environment]
    return talk.cluster.find(environment, namespace, "adderservice").containers[0].image


def test_a_change_is_shown_first_and_carried_out_when_it_is_confirmed(confirming: Talk) -> None:
    before = image(confirming)
    key, asked = asks(confirming, DEPLOY, DEV)
    assert asked.title == f"{SHOWN} · confirm?"
    assert asked.body.startswith("3f2a91c → 9ab01de\nsha256:")
    assert "For @dev1 alone, until " in asked.body
    assert [b.command for b in asked.buttons] == ["confirm 1", "cancel 1"]
    assert image(confirming) == before
    assert confirming.say("confirm 1", DEV).title == f"{SHOWN} confirmed"
    assert confirming.answer(key).title == f"{SHOWN} · done"


def test_it_is_told_how_much_is_new_and_what_failed_there(confirming: Talk) -> None:
    key, _ = asks(confirming, "deploy adderservice 77be001 to production", DEV)
    confirming.say("confirm 1", DEV)
    confirming.answer(key)
    confirming.say("unlock adderservice in production", DEV)
    _, asked = asks(confirming, DEPLOY, DEV)
    assert "Last failure here, " in asked.body
    assert "77be001" in asked.body
    assert "older than 3f2a91c" in asked.body


def test_nobody_else_confirms_or_cancels_it(confirming: Talk) -> None:
    asks(confirming, DEPLOY, DEV)
    assert confirming.say("confirm 1", LEAD).title == f"@dev1 ordered {SHOWN}, and nobody else confirms it."
    assert confirming.say("cancel 1", LEAD).code == "not_allowed"
    assert confirming.store.open_asks()


def test_what_was_taken_back_does_not_happen(confirming: Talk) -> None:
    key, _ = asks(confirming, DEPLOY, DEV)
    assert confirming.say("cancel 1", DEV).title == f"{SHOWN} cancelled"
    assert confirming.answer(key).title == f"{SHOWN} · cancelled by @dev1"
    assert confirming.say("confirm 1", DEV).title == f"1 is settled: {SHOWN} was cancelled."


@pytest.mark.slow
def test_two_minutes_later_it_is_over(confirming: Talk) -> None:
    key, _ = asks(confirming, DEPLOY, DEV)
    reply = confirming.answer(key)
    assert (reply.title, reply.code) == (f"{SHOWN} · not confirmed within 2 min", "expired")
    assert [b.command for b in reply.buttons] == [DEPLOY]
    assert confirming.say("confirm 1", DEV).title == "1 has expired."


def test_what_changed_meanwhile_is_asked_again(confirming: Talk) -> None:
    key, _ = asks(confirming, DEPLOY, DEV)
    confirming.registry.push(Image("registry.local:5000/adderservice", "9ab01de", "sha256:" + "4" * 64))
    confirming.say("confirm 1", DEV)
    confirming.until(lambda: "confirm 2" in confirming.shown(key).body)
    again = confirming.shown(key)
    assert "Not the same as was shown: 9ab01de is another image now: it was pushed again." in again.body
    confirming.say("confirm 2", DEV)
    assert confirming.answer(key).title == f"{SHOWN} · done"


def test_a_restart_is_the_same_at_another_moment(confirming: Talk) -> None:
    key, _ = asks(confirming, "restart adderservice in production", DEV)
    assert confirming.say("confirm 1", DEV).title == "adderservice restart in production confirmed"
    assert confirming.answer(key).title == "adderservice restart in production · done"


def test_a_restart_that_others_approved_is_carried_out(approving: Talk) -> None:
    key, _ = asks(approving, "restart adderservice in production", DEV)
    approving.say("approve 1", LEAD)
    approving.say("approve 1", DEPUTY)
    assert approving.answer(key).title == "adderservice restart in production · done"


def test_rights_that_are_gone_meanwhile_stop_it(confirming: Talk) -> None:
    key, _ = asks(confirming, DEPLOY, DEV)
    confirming.say('lock adderservice in production "incident"', OPERATOR)
    confirming.say("confirm 1", DEV)
    assert confirming.answer(key).code == "locked"
    assert image(confirming).endswith("3f2a91c") or "3f2a91c" in image(confirming)


def test_who_has_left_meanwhile_orders_nothing_any_more(approving: Talk) -> None:
    key, _ = asks(approving, DEPLOY, DEV)
    before = image(approving)
    approving.slack.people[DEV.id] = replace(DEV, outsider="deactivated", email=None)
    approving.say("approve 1", LEAD)
    approving.say("approve 1", DEPUTY)
    reply = approving.answer(key)
    assert (reply.code, reply.title) == ("not_allowed", "You may not deploy adderservice in production.")
    assert "deactivated" in reply.body
    assert image(approving) == before


def test_a_restart_does_not_forget_the_question(confirming: Talk) -> None:
    key, _ = asks(confirming, DEPLOY, DEV)
    confirming.restart()
    confirming.say("confirm 1", DEV)
    assert confirming.answer(key).title == f"{SHOWN} · done"


def test_values_that_are_never_stored_do_not_survive_a_restart(confirming: Talk) -> None:
    key, _ = asks(confirming, "set adderservice LOG_LEVEL=debug in production", DEV)
    confirming.restart()
    confirming.say("confirm 1", DEV)
    assert "has to be ordered again" in confirming.answer(key).title


def test_values_that_are_kept_in_memory_are_set(confirming: Talk) -> None:
    key, _ = asks(confirming, "set adderservice LOG_LEVEL=debug in production", DEV)
    confirming.say("confirm 1", DEV)
    assert confirming.answer(key).title.endswith("· done")


def test_so_many_of_the_role_agree_and_never_who_ordered_it(approving: Talk) -> None:
    key, asked = asks(approving, DEPLOY, LEAD)
    assert asked.title == f"{SHOWN} · waits for approval, 0 of 2"
    assert "2 of releasers have to approve it until " in asked.body
    assert approving.say("approve 1", LEAD).title == f"You ordered {SHOWN} yourself."
    webex = replace(LEAD, platform="webex", id="Y2lz")
    assert approving.say("approve 1", webex).title == f"You ordered {SHOWN} yourself."
    assert approving.say("approve 1", DEV).title == f"Only releasers agree to {SHOWN}."
    assert approving.say("approve 1", STRANGER).code == "not_allowed"
    assert approving.store.agreed(1) == []
    assert approving.say("cancel 1", LEAD).title == f"{SHOWN} cancelled"
    assert approving.answer(key).code == "cancelled"


def test_one_person_counts_once_and_the_last_one_sets_it_off(tmp_path: Path) -> None:
    more = PEOPLE.replace(
        "verbs: [deploy, approve], people: [lead@example.com]",
        'verbs: [approve], people: ["lead@example.com", "deputy@example.com"]',
    )
    agreed = ", approvals: {count: 2, role: releasers}"
    with talking(tmp_path, more=more, production=agreed) as talk:
        key, _ = asks(talk, DEPLOY, DEV)
        assert talk.say("approve 1", LEAD).body == "It waits for 1 more approval."
        assert talk.say("approve 1", replace(LEAD, platform="webex", id="Y2lz")).body == "It waits for 1 more approval."
        assert "Approved by @lead. 1 of releasers has to approve it" in talk.shown(key).body
        assert "older than 3f2a91c" in talk.shown(key).body
        assert talk.say("approvals").table is not None
        assert talk.say("approve 1", DEPUTY).title == f"{SHOWN} approved"
        done = talk.answer(key)
        assert done.title == f"{SHOWN} · done"
        assert "Approved by @lead, @deputy." in done.body


def test_a_rejection_says_by_whom_and_why(approving: Talk) -> None:
    key, _ = asks(approving, DEPLOY, DEV)
    approving.say('reject 1 "not before the migration"', LEAD)
    reply = approving.answer(key)
    assert reply.title == f"{SHOWN} · rejected by @lead"
    assert reply.body.startswith('"not before the migration"\nNothing was changed.')


def test_what_waits_is_told_to_who_names_no_number(approving: Talk) -> None:
    assert approving.say("approve", LEAD).title == "Nothing waits for you to approve."
    asks(approving, DEPLOY, DEV)
    told = approving.say("approve", LEAD)
    assert (told.title, told.body) == ("approve which?", f"1: {SHOWN}, by @dev1\n    approve 1")
    assert [b.command for b in told.buttons] == ["approve 1"]
    assert approving.store.agreed(1) == []
    assert approving.say("approve", DEV).title == "Nothing waits for you to approve."
    assert approving.say("cancel", DEV).body == f"1: {SHOWN}, by @dev1\n    cancel 1"
    assert approving.say("confirm", DEV).title == "Nothing waits for you to confirm."


def test_a_rejection_asks_for_its_reason(approving: Talk) -> None:
    key, _ = asks(approving, DEPLOY, DEV)
    why = approving.say("reject 1", LEAD)
    assert (why.title, why.body) == (f"Why not {SHOWN}?", '@dev1 reads it.\n    reject 1 "not now"')
    assert approving.store.open_asks()
    approving.say(why.buttons[1].command, LEAD)
    assert approving.answer(key).body.startswith('"not this version"\n')


def test_a_push_after_the_request_voids_it(tmp_path: Path) -> None:
    with talking(tmp_path, more=PEOPLE, production=", approvals: {role: releasers}") as talk:
        key, _ = asks(talk, DEPLOY, DEV)
        talk.registry.push(Image("registry.local:5000/adderservice", "9ab01de", "sha256:" + "4" * 64))
        talk.say("approve 1", LEAD)
        reply = talk.answer(key)
        assert reply.title == f"{SHOWN} · changed meanwhile, not carried out"
        assert "9ab01de is another image now" in reply.body


def test_an_approval_is_waited_for_so_long(approving: Talk) -> None:
    key, _ = asks(approving, DEPLOY, DEV)
    assert approving.answer(key).title == f"{SHOWN} · not approved within 1 min"


def test_a_rollback_waits_for_nobody(approving: Talk) -> None:
    assert approving.say("rollback adderservice in production", DEV).title.endswith("· done")


def test_whoever_may_override_goes_past_it_aloud(approving: Talk) -> None:
    order = f'{DEPLOY} --override "the site is down"'
    assert approving.say(order, LEAD).title == "You may not override adderservice in production."
    reply = approving.say(order, OPERATOR)
    assert reply.title == f"{SHOWN} · done"
    assert "OVERRIDE by @operator: the site is down" in reply.body
    assert approving.store.audit()[0].rule.startswith("override by the console is the operator, instead of approvals")


def test_who_denies_override_has_none(approving: Talk) -> None:
    reply = approving.say(f'{DEPLOY} --override "now"', DEV)
    assert "Your role deployers denies override." in reply.body


NEW_ADDRESS = replace(DEPUTY, email=None)
"""Whoever changes the e-mail address in their profile has none until they have confirmed it."""


def test_whoever_has_another_address_by_then_is_no_second_person(unhurried: Talk) -> None:
    key, _ = asks(unhurried, DEPLOY, DEPUTY)
    assert unhurried.say("approve 1", NEW_ADDRESS).title == f"You ordered {SHOWN} yourself."
    assert unhurried.say("cancel 1", NEW_ADDRESS).title == f"{SHOWN} cancelled"
    assert unhurried.answer(key).code == "cancelled"


def test_nor_do_they_agree_twice(unhurried: Talk) -> None:
    before = image(unhurried)
    asks(unhurried, DEPLOY, DEV)
    for who in (DEPUTY, NEW_ADDRESS):
        assert unhurried.say("approve 1", who).body == "It waits for 1 more approval."
    assert image(unhurried) == before


def test_another_bot_is_asked_for_no_confirmation_but_refused(confirming: Talk) -> None:
    before = image(confirming)
    reply = confirming.say(DEPLOY, CI)
    assert reply.title == "production wants that whoever orders something confirms what they were shown."
    assert "You are a bot, and to confirm is for people." in reply.body
    assert confirming.say("approvals").title == "Nothing waits for anybody."
    assert image(confirming) == before


def test_people_approve_what_another_bot_ordered_and_it_approves_nothing(unhurried: Talk) -> None:
    key, _ = asks(unhurried, DEPLOY, CI)
    assert unhurried.say("approve 1", CI).title == "You may not approve."
    assert unhurried.say('reject 1 "no"', CI).title == "You may not approve."
    assert unhurried.say("approve 1", LEAD).body == "It waits for 1 more approval."
    unhurried.say("approve 1", DEPUTY)
    assert unhurried.answer(key).title == f"{SHOWN} · done"
