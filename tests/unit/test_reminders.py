"""Whoever was stopped by a lock is told when it is gone, once, however it went."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.chat import Direct
from bot.core.errors import NotAllowed, QuarterdeckError
from bot.core.model import CONSOLE, Place, Reply, Who
from bot.core.reminders import Reminder, freed
from bot.engine.keeper import EVERY
from bot.engine.reminding import tell_what_is_free
from tests.unit.strict import Alone
from tests.unit.talk import DEV, LEAD, OPERATOR, STRANGER, Talk, talking

ORDER = "deploy webapp 9ab01de to staging"
LOCK = 'lock webapp in staging "load test"'
RULES = """
roles:
  deployers: {verbs: [read, deploy], people: [dev1@example.com], environments: [staging]}
  releasers: {verbs: ["*"], people: [lead@example.com]}
"""
TITLE = "webapp in staging is free"


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Talk]:
    with talking(tmp_path, more=RULES) as talk:
        talk.say(LOCK, LEAD)
        yield talk


@pytest.fixture
def still(tmp_path: Path) -> Iterator[Talk]:
    """Nobody looks but the test."""
    with talking(tmp_path, more=RULES, lead=False) as talk:
        talk.say(LOCK, LEAD)
        yield talk


def told(talk: Talk) -> list[Reply]:
    return [message.reply for message in talk.messages() if message.key.startswith("free:")]


def look(talk: Talk) -> None:
    tell_what_is_free(talk.bot.ports, talk.bot._outbox)


def test_what_a_lock_stopped_is_offered_for_when_it_is_gone(locked: Talk) -> None:
    refused = locked.say(f"qd {ORDER}.", DEV)
    tell, status = refused.buttons
    assert (tell.label, tell.command) == ("Tell me when it is free", f"remind {ORDER}")
    assert status.command == "status webapp in staging"
    assert refused.body.endswith(f"    remind {ORDER}")
    answer = locked.say(tell.command, DEV)
    assert (answer.title, answer.code) == ("You are told when webapp in staging is free", "")
    assert 'webapp in staging is locked by @lead: "load test".' in answer.body
    locked.say("unlock webapp in staging", LEAD)
    locked.until(lambda: told(locked))
    (free,) = told(locked)
    assert (free.title, free.body, free.mentions) == (TITLE, f"    {ORDER}", ("slack:U0DEV",))
    assert locked.say(free.buttons[0].command, DEV).title == "webapp → 9ab01de in staging · done"
    locked.pass_time(lambda: not locked.store.reminders())


def test_may_offers_it_too(locked: Talk) -> None:
    reply = locked.say(f"may {ORDER}", DEV)
    assert reply.title == "No: deploy webapp in staging is refused."
    assert [b.command for b in reply.buttons] == [f"remind {ORDER}", "status webapp in staging"]


@pytest.mark.parametrize(
    ("who", "mentions"),
    [
        (DEV, ("slack:U0DEV",)),
        (Who("webex", "Y2lz", "ann", "ann@example.com"), ("webex:ann@example.com",)),
        (Who("webex", "Y2lz", "ann"), ()),
        (OPERATOR, ()),
    ],
)
def test_everybody_is_called_as_their_platform_does(still: Talk, who: Who, mentions: tuple[str, ...]) -> None:
    reminder = replace(waiting(still), who=who)
    assert (freed(reminder, aloud=True).mentions, freed(reminder, aloud=False).mentions) == (mentions, ())


def test_who_may_not_read_of_it_is_offered_no_telling(tmp_path: Path) -> None:
    blind = "  blind: {people: [dev1@example.com], deny: [read]}"
    with talking(tmp_path, more=f"{RULES}{blind}", lead=False) as talk:
        talk.say(LOCK, LEAD)
        refused = talk.say(ORDER, DEV)
        assert (refused.code, refused.buttons) == ("locked", ())
        assert refused.body.endswith("\n    whoami")
        assert talk.say(f"remind {ORDER}", DEV).code == "not_allowed"


def test_who_may_unlock_reads_that_first(locked: Talk) -> None:
    refused = locked.say(ORDER, LEAD)
    assert refused.body.endswith("    unlock webapp in staging")
    assert refused.buttons[0].command == f"remind {ORDER}"


def test_a_lock_that_is_over_by_itself_is_told_too(still: Talk) -> None:
    reminder = waiting(still)
    (lock,) = still.store.locks()
    assert still.store.take_lock(replace(lock, until=still.parts.clock.now())) is None
    look(still)
    assert (len(still.store.messages(reminder.key)), still.store.reminders()) == (1, [])


def test_a_lock_that_somebody_else_breaks_is_told_too(still: Talk) -> None:
    reminder = waiting(still)
    assert "It was locked by @lead" in still.say("unlock webapp in staging").body
    look(still)
    assert (len(still.store.messages(reminder.key)), still.store.reminders()) == (1, [])


def test_two_replicas_that_look_at_once_say_it_once(still: Talk) -> None:
    reminder = waiting(still)
    still.say("unlock webapp in staging", LEAD)
    other = Talk(still.parts, still.room, still.commands, lead=False)
    other.bot.start()
    try:
        with ThreadPoolExecutor(2) as both:
            list(both.map(look, [still, other] * 5))
        still.until(lambda: told(still))
    finally:
        other.bot.stop()
    still.pass_time(lambda: not still.store.waiting_channels(CONSOLE, still.parts.clock.now()))
    (stands,) = still.store.messages(reminder.key)
    assert (stands.version, len(told(still))) == (1, 1)


def test_one_lock_less_is_not_free_while_another_stands(still: Talk) -> None:
    still.say('lock all "cluster upgrade"', LEAD)
    still.say(f"remind {ORDER}", DEV)
    still.say("unlock webapp in staging", LEAD)
    look(still)
    assert len(still.store.reminders()) == 1
    still.say("unlock all", LEAD)
    look(still)
    still.until(lambda: told(still))
    assert still.store.reminders() == []


def test_it_is_said_once_by_two_who_look_and_by_one_who_was_cut_off(still: Talk) -> None:
    still.say(f"remind {ORDER}", DEV)
    (reminder,) = still.store.reminders()
    still.say("unlock webapp in staging", LEAD)
    look(still)
    still.until(lambda: told(still))
    still.store.remind(reminder)
    look(still)
    still.restart()
    still.store.remind(reminder)
    look(still)
    assert still.store.reminders() == []
    (stands,) = still.store.messages(reminder.key)
    assert (stands.version, stands.edits) == (1, 0)
    still.say("whoami")
    assert len(told(still)) == 1


def test_a_button_that_is_pressed_twice_is_one_reminder(still: Talk) -> None:
    still.say(f"remind {ORDER}", DEV)
    still.say("remind deploy webapp 3f2a91c to staging", DEV)
    (reminder,) = still.store.reminders()
    assert reminder.text == "deploy webapp 3f2a91c to staging"


def test_what_is_not_locked_needs_no_waiting(still: Talk) -> None:
    refused = still.say("remind deploy adderservice 9ab01de to staging.", DEV)
    assert refused.title == "adderservice in staging is not locked."
    assert refused.body.endswith("    deploy adderservice 9ab01de to staging")


@pytest.mark.parametrize("who", [STRANGER, DEV], ids=["nobody", "elsewhere"])
def test_no_stranger_learns_that_it_is_locked(still: Talk, who: Who) -> None:
    still.say('lock webapp in production "incident 4711"', LEAD)
    refused = still.say("remind deploy webapp 9ab01de to production", who)
    assert refused.code == "not_allowed"
    assert "incident" not in refused.title + refused.body
    assert still.store.reminders() == []


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("remind status webapp", "remind is for an order that changes a service, not status webapp."),
        (f"remind may {ORDER}", f"remind is for an order that changes a service, not may {ORDER}."),
        (f"remind at 09:00 {ORDER}", f"remind is for an order that changes a service, not at 09:00 {ORDER}."[:200]),
        ("remind set webapp A=hunter2 in staging", "An order with a value in it is not kept for later."),
        ("remind deploy", "deploy needs a service."),
    ],
)
def test_what_nobody_can_wait_for(still: Talk, text: str, title: str) -> None:
    reply = still.say(text, LEAD)
    assert (reply.title[:60], "hunter2" in reply.body) == (title[:60], False)
    assert still.store.reminders() == []


def test_values_and_dry_runs_are_offered_nothing(still: Talk) -> None:
    for text in ("set webapp A=b in staging", f"{ORDER} --dry-run"):
        assert (still.say(text, LEAD).code, still.say(text, LEAD).buttons) == ("locked", ())


def test_nobody_waits_for_more_than_so_much(still: Talk) -> None:
    now = still.parts.clock.now()
    still.say(f"remind {ORDER}", DEV)
    (first,) = still.store.reminders()
    for n in range(19):
        still.store.remind(replace(first, service=f"s{n}", given=f"g{n}", at=now))
    still.say('lock staging "x"', LEAD)
    assert still.say("remind deploy mongo 7.0.15 to staging", DEV).title == "You wait for 20 things already."
    assert still.say(f"remind {ORDER}", DEV).code == ""


def test_it_is_over_after_a_day(still: Talk) -> None:
    reminder = waiting(still)
    still.store.remind(replace(reminder, at=reminder.at - EVERY, until=reminder.at))
    still.say("unlock webapp in staging", LEAD)
    look(still)
    assert still.store.reminders() == []
    assert still.store.messages(reminder.key) == []


def test_who_lost_the_right_meanwhile_is_told_nothing(still: Talk) -> None:
    reminder = waiting(still)
    still.slack.people[DEV.id] = replace(DEV, outsider="deactivated")
    still.say("unlock webapp in staging", LEAD)
    look(still)
    assert (still.store.reminders(), still.store.messages(reminder.key)) == ([], [])


def test_while_nobody_says_who_that_is_the_others_are_told(still: Talk) -> None:
    waiting(still)
    still.say(f"remind {ORDER}")
    still.say("unlock webapp in staging", LEAD)
    still.slack.away = True
    look(still)
    assert [one.who.name for one in still.store.reminders()] == [DEV.name]
    still.slack.away = False
    look(still)
    assert still.store.reminders() == []
    still.until(lambda: len(told(still)) == 2)


def waiting(talk: Talk) -> Reminder:
    assert talk.say(f"remind {ORDER}", DEV).code == ""
    (reminder,) = talk.store.reminders()
    return reminder


@pytest.mark.parametrize(
    ("refuses", "channel", "mentions"),
    [(None, "D-U0DEV", ()), (NotAllowed("They let nobody in."), "C0", ("slack:U0DEV",))],
    ids=["alone", "where they asked"],
)
def test_it_is_said_to_the_person_alone_where_that_can_be(
    still: Talk, refuses: QuarterdeckError | None, channel: str, mentions: tuple[str, ...]
) -> None:
    reminder = replace(waiting(still), place=Place("slack", "C0", "t1"))
    still.store.remind(reminder)
    still.say("unlock webapp in staging", LEAD)
    platform = Alone("slack")
    platform.refuses = refuses
    assert isinstance(platform, Direct)
    still.bot.ports.platforms["slack"] = platform  # type: ignore[index]
    look(still)
    (stands,) = still.store.messages(reminder.key)
    assert (stands.place.channel, stands.place.thread is None, stands.reply.mentions) == (
        channel,
        refuses is None,
        mentions,
    )
