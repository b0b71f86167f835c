"""What `remind` says and offers holds for whoever reads it: then, there, and by the configuration of then."""

from collections.abc import Iterator
from dataclasses import replace as changed
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.chat import Direct
from bot.core.catalogue import Catalogue, Role
from bot.core.errors import Invalid, QuarterdeckError
from bot.core.locks import Lock
from bot.core.model import BOT, Message, Place, Who
from bot.engine.reminding import tell_what_is_free
from tests.unit.strict import Alone
from tests.unit.talk import DEV, LEAD, Talk, talking

ORDER = "deploy webapp 9ab01de to staging"
LOCKERS = """
roles:
  deployers: {verbs: [read, deploy, lock], people: [dev1@example.com], environments: [staging]}
  releasers: {verbs: ["*"], people: [lead@example.com]}
"""


def test_who_may_not_unlock_all_is_not_sent_to_do_it(tmp_path: Path) -> None:
    with talking(tmp_path, more=LOCKERS, lead=False) as talk:
        talk.say('lock all "cluster upgrade"', LEAD)
        assert talk.say("unlock all", DEV).code == "not_allowed"
        assert talk.say(ORDER, DEV).body.endswith(f"\n    remind {ORDER}")
        assert talk.say(f"{ORDER} --dry-run", DEV).body.endswith("\n    locks")
        asked = talk.say(f"may {ORDER}", DEV).body.splitlines()
        assert asked[-2:] == ["People who can unlock it: lead@example.com.", f"    remind {ORDER}"]


@pytest.fixture
def still(tmp_path: Path) -> Iterator[Talk]:
    """Nobody looks but the test."""
    with talking(tmp_path, more=LOCKERS, lead=False) as talk:
        talk.say('lock webapp in staging "load test"', LEAD)
        yield talk


@pytest.mark.parametrize("order", ['lock webapp in staging "x"', "unlock webapp in staging"])
def test_what_no_lock_stops_by_its_kind_is_not_called_unlocked(still: Talk, order: str) -> None:
    reply = still.say(f"remind {order}", LEAD)
    assert reply.title == f"remind is for an order that changes a service, not {order}."


def test_a_rollback_that_passes_the_lock_is_not_told_that_nothing_is_locked(still: Talk) -> None:
    now = still.parts.clock.now()
    policy = Lock("webapp", "production", Who(BOT, BOT, "quarterdeck"), "it failed", now, automatic=True)
    assert still.store.take_lock(policy) is None
    reply = still.say("remind rollback webapp in production", LEAD)
    assert reply.title == "webapp in production is locked, and rollback passes that."
    assert reply.body.endswith("    rollback webapp in production")


@pytest.mark.parametrize(
    ("order", "title", "again"),
    [
        ("deploy webapp 9ab01dd to staging", "No image 9ab01dd of webapp.", "remind deploy webapp 9ab01de to staging"),
        ("deploy webapp", "deploy needs a version.", "remind deploy webapp 3f2a91c to staging"),
    ],
)
def test_what_is_misspelt_is_said_before_anybody_waits_for_it(still: Talk, order: str, title: str, again: str) -> None:
    reply = still.say(f"remind {order}", LEAD)
    assert (reply.title, reply.body.splitlines()[-1]) == (title, f"    {again}")
    assert still.store.reminders() == []


def test_another_bot_is_offered_no_telling_and_gets_none(still: Talk) -> None:
    robot = replace(DEV, robot=True)
    refused = still.say(ORDER, robot)
    assert (refused.code, refused.buttons) == ("locked", ())
    assert still.say(f"remind {ORDER}", robot).title == "A bot is told of nothing later."


def test_it_is_said_until_when_and_that_nothing_happens_by_itself(still: Talk) -> None:
    assert "at the latest: it is not carried out by itself." in still.say(f"remind {ORDER}", DEV).body


def freed(talk: Talk, now: Catalogue) -> list[Message]:
    """What stands once it is unlocked, by the configuration of then."""
    (reminder,) = talk.store.reminders()
    talk.store.release_lock("webapp", "staging")
    tell_what_is_free(changed(talk.bot.ports, current=lambda: now), talk.bot._outbox)
    assert talk.store.reminders() == []
    return [message for message in talk.store.messages(reminder.key) if message.key == reminder.key]


def test_it_is_told_where_nothing_changed(still: Talk) -> None:
    still.say(f"remind {ORDER}", DEV)
    assert [message.reply.title for message in freed(still, still.bot.ports.catalogue)] == ["webapp in staging is free"]


def test_an_order_that_would_go_elsewhere_by_now_is_offered_to_nobody(still: Talk) -> None:
    assert still.say("remind deploy webapp 9ab01de", LEAD).code == ""
    catalogue = still.bot.ports.catalogue
    moved = replace(catalogue.services["webapp"], default_environment="production")
    production = replace(catalogue.environments["production"], explicit=False)
    now = replace(
        catalogue,
        services={**catalogue.services, "webapp": moved},
        environments={**catalogue.environments, "production": production},
    )
    assert freed(still, now) == []


def test_of_an_environment_that_is_gone_nobody_is_told(still: Talk) -> None:
    still.say(f"remind {ORDER}", DEV)
    catalogue = still.bot.ports.catalogue
    left = {name: one for name, one in catalogue.environments.items() if name != "staging"}
    assert freed(still, replace(catalogue, environments=left)) == []


def test_who_may_not_read_of_it_by_then_is_told_nothing(still: Talk) -> None:
    still.say(f"remind {ORDER}", DEV)
    catalogue = still.bot.ports.catalogue
    blind = Role("blind", verbs=(), people=("dev1@example.com",), deny=("read",), environments=("staging",))
    assert freed(still, replace(catalogue, roles=(*catalogue.roles, blind))) == []


def test_who_asked_where_this_process_cannot_speak_is_kept_for_one_that_can(still: Talk) -> None:
    still.say(f"remind {ORDER}", DEV)
    (reminder,) = still.store.reminders()
    still.store.release_lock("webapp", "staging")
    deaf = changed(still.bot.ports, platforms={})
    tell_what_is_free(deaf, still.bot._outbox)
    assert still.store.reminders() == [reminder]


@pytest.mark.parametrize(
    ("channels", "refuses", "stands"),
    [(("*",), None, "D-U0DEV"), (("C0",), None, "C0"), (("*",), Invalid("Slack refused: cannot_dm_bot"), "C0")],
    ids=["anywhere", "there alone", "refused"],
)
def test_it_is_offered_where_it_can_be_ordered(
    still: Talk, channels: tuple[str, ...], refuses: QuarterdeckError | None, stands: str
) -> None:
    still.say(f"remind {ORDER}", DEV)
    (reminder,) = still.store.reminders()
    still.store.remind(replace(reminder, place=Place("slack", "C0")))
    platform = Alone("slack")
    platform.refuses = refuses
    assert isinstance(platform, Direct)
    still.bot.ports.platforms["slack"] = platform  # type: ignore[index]
    catalogue = still.bot.ports.catalogue
    roles = tuple(replace(role, channels=channels) for role in catalogue.roles)
    (message,) = freed(still, replace(catalogue, roles=roles))
    assert (message.place.channel, bool(message.reply.mentions)) == (stands, stands == "C0")
