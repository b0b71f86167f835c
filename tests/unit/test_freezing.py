"""Freezes, locks of more than one service, and what ends by itself."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.catalogue import Catalogue, Environment
from bot.core.catalogue import FreezeRule as Rule
from bot.core.freezes import closing, opens
from bot.core.guards import Freeze
from bot.core.model import ALL
from bot.core.windows import Window, from_until, weekly
from tests.unit.talk import DEV, LEAD, OPERATOR, Talk, talking
from tests.unit.test_orders import column

CLOSED = """
freezes:
  - {name: year-end, from: 2020-01-01, until: 2099-01-01, reason: Year-end closing}
"""
NEVER_OPEN = """
allow: {production: {windows: ["mon 00:00-00:01"], time_zone: UTC}}
"""
DEPLOY = "deploy adderservice 9ab01de to"


def test_a_freeze_stops_what_is_new_and_nothing_that_heals(bot: Talk) -> None:
    reply = bot.say('freeze production for 2h "release weekend"')
    assert reply.title.startswith("production frozen until ")
    assert not reply.private
    refused = bot.say(f"{DEPLOY} production")
    assert refused.code == "frozen"
    assert refused.title.startswith("production is frozen by @operator until ")
    assert refused.title.endswith(': "release weekend".')
    assert "rollback, scale, restart and pause are possible" in refused.body
    assert bot.say("promote adderservice to production").code == "frozen"
    assert bot.say("set adderservice A=b in production").code == "frozen"
    assert bot.say("scale adderservice 5 in production").code == ""
    assert bot.say("rollback adderservice in production").code == ""
    assert bot.say(f"{DEPLOY} staging").code == ""


def test_a_freeze_ends_when_somebody_ends_it(bot: Talk) -> None:
    bot.say('freeze all "incident 4711"')
    assert bot.say(f"{DEPLOY} staging").code == "frozen"
    assert column(bot.say("freezes"), "environment") == ["staging", "production"]
    assert bot.say("unfreeze production").title == "Nobody has frozen production."
    assert bot.say("unfreeze all").title == "Everything is open again"
    assert bot.say(f"{DEPLOY} staging").code == ""
    assert bot.say("freezes").title == "Nothing is frozen."


def test_a_freeze_ends_when_its_time_is_over(bot: Talk) -> None:
    bot.say('freeze staging for 20s "a moment"')
    assert bot.say(f"{DEPLOY} staging").code == "frozen"
    bot.pass_time(lambda: bot.say("freezes").title == "Nothing is frozen.")
    assert bot.say(f"{DEPLOY} staging").code == ""


def test_a_freeze_wants_a_reason_and_a_time_ahead(bot: Talk) -> None:
    assert bot.say("freeze production until monday 9:00").title == "freeze needs a reason."
    assert bot.say('freeze production until yesterday "x"').code == "usage"


def test_windows_of_the_configuration_freeze(tmp_path: Path) -> None:
    with talking(tmp_path, more=CLOSED) as talk:
        assert ': "Year-end closing".' in talk.say(f"{DEPLOY} staging").title
        assert column(talk.say("freezes"), "by") == ["the configuration"] * 2
        reply = talk.say(f'{DEPLOY} staging --override "the till is down"')
        assert reply.code == ""
        assert "OVERRIDE by @operator: the till is down" in reply.body


def test_outside_the_hours_in_which_it_may_it_may_not(tmp_path: Path) -> None:
    with talking(tmp_path, more=NEVER_OPEN) as talk:
        assert talk.say("freezes").title == "production closed"
        assert 'closed: "open mon 00:00-00:01 only (UTC)"' in str(talk.say("whoami").table)
        assert talk.say(f"{DEPLOY} production").title.endswith(": open mon 00:00-00:01 only (UTC).")
        assert talk.say(f"{DEPLOY} staging").code == ""


def test_what_others_roll_out_in_a_freeze_is_told_as_such(bot: Talk) -> None:
    bot.say('freeze staging "load test"')
    bot.cluster.kubectl_set_image("micro-staging", "webapp", "registry.local:5000/webapp:9ab01de")
    bot.until(lambda: any('staging is frozen: "load test".' in m.reply.body for m in bot.messages()))


def test_an_environment_is_locked_as_a_whole(bot: Talk) -> None:
    assert bot.say('lock production "incident 4711"').title == "Everything in production locked"
    reply = bot.say("scale webapp 3 in production")
    assert reply.title.startswith("Everything in production is locked by @operator since ")
    assert "    unlock all in production" in reply.body
    assert bot.say("scale webapp 3 in staging").code == ""
    assert _annotation(bot, "production") == "operator: incident 4711"
    assert bot.say("unlock all in production").title == "Everything in production unlocked"
    assert _annotation(bot, "production") is None
    assert bot.say("scale webapp 3 in production").code == ""


def test_everything_is_locked(bot: Talk) -> None:
    bot.say('lock all "cluster upgrade"')
    assert bot.say("scale webapp 3 in staging").title.startswith("Everything is locked by @operator")
    assert bot.say("unlock all").title == "Everything unlocked"


def test_a_lock_ends_by_itself_after_a_warning(bot: Talk) -> None:
    assert bot.say("lock webapp in staging for 30s load test").title == "webapp in staging locked for 30 s"
    bot.until(lambda: any(m.reply.title.startswith("The lock on webapp in staging ends at ") for m in bot.messages()))
    bot.until(lambda: any(m.reply.title == "webapp in staging is unlocked: its time is over" for m in bot.messages()))
    assert bot.store.locks() == []
    assert bot.say("scale webapp 3 in staging").code == ""


def test_the_end_of_a_lock_is_said_as_people_say_it(bot: Talk) -> None:
    assert bot.say('lock webapp for 2 hours "x"').title == "webapp in staging locked for 2 h"
    until = bot.say('lock webapp in staging until tomorrow 9 "load test"')
    assert until.title.startswith("webapp in staging locked until ")
    assert until.title.endswith(" 09:00 UTC")
    assert column(bot.say("locks"), "reason") == ["load test"]
    assert bot.say('lock webapp for 2h until tomorrow "x"').title == "One end is enough: for or until, not both."
    assert bot.say('lock webapp for 91 days "x"').body.startswith("A lock lasts 90 days at most.")


def test_one_person_renews_a_lock_and_another_breaks_it(guarded: Talk) -> None:
    guarded.say('lock webapp in staging "one"', OPERATOR)
    assert guarded.say('lock webapp in staging "two"', OPERATOR).body.startswith('"two"')
    assert guarded.say('lock webapp in staging "three"', LEAD).code == "locked"
    body = guarded.say("unlock webapp in staging", LEAD).body
    assert body.startswith("It was locked by @operator ")
    assert body.endswith(': "two".')


def test_a_role_for_one_environment_locks_no_other(guarded: Talk) -> None:
    assert guarded.say('lock all "mine"', DEV).code == "not_allowed"


def _annotation(bot: Talk, environment: str) -> str | None:
    namespace = {"production": "micro", "staging": "micro-staging"}[environment]
    return bot.cluster.find(environment, namespace, "webapp").annotations.get("quarterdeck.io/lock")


def test_what_a_freeze_stops_is_offered_for_its_end(bot: Talk) -> None:
    bot.say('freeze production for 2h "release weekend"')
    refused = bot.say("quarterdeck deploy adderservice 9ab01de to production.")
    assert refused.code == "frozen"
    later = refused.buttons[0].command
    assert later.startswith("at 20") and later.endswith(" deploy adderservice 9ab01de to production")
    assert refused.body.endswith(f"    {later}")
    assert [b.command for b in refused.buttons[1:]] == ["freezes"]
    taken = bot.say(later)
    assert taken.title.startswith("deploy adderservice 9ab01de to production · scheduled for ")
    ends = bot.store.freezes()[0].until
    assert ends and timedelta(0) <= bot.store.schedules()[0].due - ends < timedelta(minutes=1)


@pytest.mark.parametrize(
    "order",
    ["set adderservice A=b in production", "deploy adderservice 9ab01de to production --dry-run"],
    ids=["a value is not kept", "only a look"],
)
def test_what_cannot_wait_is_not_offered_for_later(bot: Talk, order: str) -> None:
    bot.say('freeze production for 2h "release weekend"')
    refused = bot.say(order)
    assert refused.code == "frozen"
    assert (refused.body.endswith("    freezes"), refused.buttons) == (True, ())


def test_nobody_knows_the_end_of_a_freeze_that_somebody_ends(bot: Talk) -> None:
    bot.say('freeze production "incident 4711"')
    assert bot.say(f"{DEPLOY} production").buttons == ()


def test_later_is_offered_to_those_alone_who_may(guarded: Talk) -> None:
    guarded.say('freeze staging for 2h "load test"', LEAD)
    assert guarded.say(f"{DEPLOY} staging", LEAD).buttons[0].command.startswith("at ")
    refused = guarded.say(f"{DEPLOY} staging", DEV)
    assert (refused.code, refused.buttons) == ("frozen", ())


FRIDAYS = Rule("no-deploy-fridays", from_until("fri 00:00", "mon 08:00", "Europe/Madrid"), ("production",))
YEAR_END = Rule("year-end", from_until("2026-12-20", "2027-01-04", "Europe/Madrid"))
NIGHTS = Rule("nights", weekly("daily 22:00-02:30", "Europe/Madrid"))
MON_TO_THU = {"production": (weekly("mon-thu 09:00-16:00", "Europe/Madrid"),)}


@pytest.mark.parametrize(
    ("rules", "allow", "called", "now", "opening"),
    [
        ((), {}, None, "2026-12-18 10:00", "2026-12-18 10:00"),
        ((FRIDAYS,), {}, None, "2026-12-11 10:00", "2026-12-14 07:00"),
        ((FRIDAYS,), MON_TO_THU, None, "2026-12-11 10:00", "2026-12-14 08:00"),
        ((FRIDAYS, YEAR_END), MON_TO_THU, None, "2026-12-18 10:00", "2027-01-05 08:00"),
        ((FRIDAYS,), {}, "2026-12-14 07:30:01", "2026-12-11 10:00", "2026-12-14 07:31"),
    ],
    ids=["open", "one", "hours follow it", "one runs into the next", "seconds are none"],
)
def test_where_one_freeze_ends_the_next_may_hold(
    rules: tuple[Rule, ...], allow: dict[str, tuple[Window, ...]], called: str | None, now: str, opening: str
) -> None:
    catalogue = Catalogue({"production": Environment("production", "main", "micro")}, freezes=rules, allow=allow)
    at = utc(now)
    held = [Freeze("production", "x", at, utc(called))] if called else []
    assert opens("production", catalogue, held, at) == utc(opening)


def test_a_freeze_without_an_end_opens_nothing() -> None:
    catalogue = Catalogue({"production": Environment("production", "main", "micro")})
    at = utc("2026-12-18 10:00")
    assert opens("production", catalogue, [Freeze(ALL, "x", at, None)], at) is None


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@given(
    minute=st.integers(0, 166 * 24 * 60),
    rules=st.lists(st.sampled_from([FRIDAYS, YEAR_END, NIGHTS]), unique=True),
    hours=st.sampled_from([{}, MON_TO_THU, {"production": (weekly("sun-tue 01:30-03:30", "Europe/Madrid"),)}]),
)
def test_what_is_offered_is_the_first_open_minute(
    minute: int, rules: list[Rule], hours: dict[str, tuple[Window, ...]]
) -> None:
    """Through both nights in which the clocks change, and over the end of the year."""
    production = {"production": Environment("production", "main", "micro")}
    catalogue, at = (
        Catalogue(production, freezes=tuple(rules), allow=hours),
        utc("2026-10-20") + timedelta(minutes=minute),
    )
    found = opens("production", catalogue, [], at)
    assert found is not None and closing("production", catalogue, [], found) is None
    minutes = min(int((found - at) / timedelta(minutes=1)), 600)
    assert all(closing("production", catalogue, [], found - timedelta(minutes=n)) for n in range(1, minutes, 7))
