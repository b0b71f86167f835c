"""What waits while the clock is set: asks, locks, freezes, orders for later. Nothing happens twice."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.model import Reply
from tests.unit.night import Night, night
from tests.unit.talk import DEV, LEAD, OPERATOR
from tests.unit.test_agreeing import DEPLOY, PEOPLE, SHOWN, asks, image
from tests.unit.test_freezing import utc

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WANTS = ", confirm: true, approvals: {count: 1, role: releasers, expire: 30m}"


@pytest.fixture
def bot(tmp_path: Path) -> Iterator[Night]:
    with night(tmp_path, utc("2026-11-20 12:00"), routes=PEOPLE, production=WANTS, roles="") as made:
        yield made


def jump(bot: Night, length: timedelta) -> None:
    bot.turn_to(bot.parts.clock.now() + length)


def ended(bot: Night, key: str) -> Reply:
    bot.until(lambda: bot.shown(key).code == "expired")
    return bot.shown(key)


def test_what_waits_is_carried_out_once_though_the_clock_goes_back(bot: Night) -> None:
    key, _ = asks(bot, DEPLOY, DEV)
    jump(bot, -HOUR)
    assert bot.say("confirm 1", DEV).title == f"{SHOWN} confirmed"
    bot.until(lambda: bot.shown(key).code == "approve")
    jump(bot, -HOUR)
    assert bot.say("approve 1", LEAD).title == f"{SHOWN} approved"
    assert bot.say("approve 1", LEAD).title == f"1 is settled: {SHOWN} was approved."
    bot.pass_time(lambda: _outcomes(bot, "deploy") == ["applied", "asked", "asked"])
    assert _outcomes(bot, "approve").count("approved") == 1


def _outcomes(bot: Night, verb: str) -> list[str]:
    """Of what people ordered, by the alphabet: what was written last bears an earlier hour."""
    return sorted(e.outcome for e in bot.store.audit(limit=50) if e.verb == verb and e.who.id != "quarterdeck")


def test_what_waits_is_over_when_the_clock_jumps_past_its_end(bot: Night) -> None:
    before = image(bot)
    key, _ = asks(bot, DEPLOY, DEV)
    jump(bot, DAY)
    assert ended(bot, key).title == f"{SHOWN} · not confirmed within 2 min"
    jump(bot, -2 * DAY)
    assert bot.say("confirm 1", DEV).title == "1 has expired."
    assert image(bot) == before


def test_what_waits_for_agreement_ends_in_a_freeze_as_at_any_time(bot: Night) -> None:
    key, _ = asks(bot, DEPLOY, DEV)
    bot.say("confirm 1", DEV)
    bot.until(lambda: bot.shown(key).code == "approve")
    bot.say('freeze production for 4h "release weekend"', OPERATOR)
    jump(bot, HOUR)
    assert ended(bot, key).title == f"{SHOWN} · not approved within 30 min"
    assert bot.say("approve 1", LEAD).code == "refused"


def test_what_is_agreed_to_in_a_freeze_is_offered_for_its_end(bot: Night) -> None:
    before = image(bot)
    key, _ = asks(bot, DEPLOY, DEV)
    bot.say("confirm 1", DEV)
    bot.until(lambda: bot.shown(key).code == "approve")
    bot.say('freeze production for 4h "release weekend"', OPERATOR)
    agreed = bot.say("approve 1", LEAD)
    assert agreed.body.startswith("production is frozen by @operator until ")
    refused = bot.answer(key)
    assert refused.code == "frozen"
    assert refused.buttons[0].command.endswith(f" {DEPLOY}")
    assert image(bot) == before


def test_an_order_for_later_comes_once_though_the_clock_goes_back(bot: Night) -> None:
    """Carried out, or told as missed where the machine was too slow: once either way."""
    bot.say("at 13:00 scale webapp 5 in staging", DEV)
    bot.say("every day 13:00 scale webapp 4 in staging", DEV)
    bot.turn_to(utc("2026-11-20 13:00"))
    tomorrow = utc("2026-11-21 13:00")
    bot.pass_time(lambda: [schedule.due for schedule in bot.store.schedules()] == [tomorrow])
    came = _came(bot)
    for moment in ("2026-11-20 12:30", "2026-11-20 13:00"):
        bot.turn_to(utc(moment))
    bot.say("at 13:30 status", DEV)
    bot.turn_to(utc("2026-11-20 13:30"))
    bot.pass_time(lambda: [schedule.due for schedule in bot.store.schedules()] == [tomorrow])
    assert _came(bot) == came


def _came(bot: Night) -> tuple[int, int]:
    ran = [entry for entry in bot.store.audit(limit=100) if entry.verb == "scale"]
    return len(ran), len(
        {m.key for m in bot.messages() if "scale webapp" in m.reply.title and "missed" in m.reply.title}
    )


def test_a_lock_ends_at_its_hour_whatever_the_clock_did_before(bot: Night) -> None:
    bot.say('lock webapp in staging for 30m "load test"', DEV)
    jump(bot, -HOUR)
    assert bot.say("scale webapp 5 in staging", DEV).code == "locked"
    assert bot.say("locks").title.startswith("1 locked")
    jump(bot, 2 * HOUR)
    bot.until(lambda: any(m.reply.title == "webapp in staging is unlocked: its time is over" for m in bot.messages()))
    assert bot.say("scale webapp 5 in staging", DEV).code == ""
