"""Orders for later: given, listed, carried out once as the person who gave them, told when they were missed."""

from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.core.errors import Busy
from bot.core.heard import EVERY_DAY
from bot.core.model import CONSOLE, Message, Order, Place, Reply, Request, Tone, Who, Words
from bot.core.schedules import Schedule
from bot.core.when import Timing, following
from bot.engine.schedule import LATE, Schedules
from bot.store.sql import SqlStore
from tests.unit.talk import DEV, OPERATOR, Talk, talking

SOON = timedelta(seconds=30)
SCHEDULERS = """
roles:
  planners: {verbs: [read, schedule, scale], people: [dev1@example.com], environments: [staging]}
"""


def put(bot: Talk, text: str, due_in: timedelta = SOON, *, who: Who = OPERATOR, daily: bool = False) -> Schedule:
    """As if it had been given a while ago."""
    now = bot.parts.clock.now()
    due = now + due_in
    timing = Timing(due.hour * 60 + due.minute, "UTC", *((None, EVERY_DAY) if daily else (due.date(),)))
    schedule = Schedule(
        who,
        Place(CONSOLE, CONSOLE),
        text,
        timing,
        due.replace(microsecond=0),
        f"given:{text}:{due_in}",
        now - timedelta(days=1),
    )
    return bot.store.add_schedule(schedule)


def said(bot: Talk, schedule: Schedule) -> Reply:
    bot.until(lambda: any(m.key == schedule.key for m in bot.messages()))
    return next(m.reply for m in reversed(bot.messages()) if m.key == schedule.key)


def test_an_order_for_later_is_confirmed_listed_and_taken_back(bot: Talk) -> None:
    reply = bot.say("at 09:00 tomorrow Europe/Madrid scale webapp 3 in staging")
    assert reply.title.startswith("scale webapp 3 in staging · scheduled for ")
    assert reply.title.endswith(" 09:00 (Europe/Madrid)")
    assert "Now it would do: webapp → 3 replicas in staging." in reply.body
    number = reply.buttons[0].command.split()[1]
    found = bot.say("schedules")
    assert found.table is not None
    assert [row[:2] for row in found.table.rows] == [(number, "scale webapp 3 in staging")]
    assert bot.say(f"unschedule {number}").title == "scale webapp 3 in staging · no longer scheduled"
    assert bot.say("schedules").title == "Nothing is scheduled."
    assert bot.say(f"unschedule {number}").title == f"There is no schedule {number}."


def test_a_rule_says_when_it_comes_back(bot: Talk) -> None:
    reply = bot.say("every weekday 18:00 scale webapp 1 in staging")
    assert "Then every weekday at 18:00 (UTC)." in reply.body
    assert "Now it would be refused: webapp has 1 replica in staging already." in reply.body


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("at 09:00 tomorrow scale wepapp 3 in staging", "There is no service wepapp in staging."),
        ("at 09:00 tomorrow scale webapp many in staging", "many is not a number of replicas."),
        ("at 09:00 tomorrow deploy adderservice 3f2a91d to staging", "No image 3f2a91d of adderservice."),
        ("at 09:00 tomorrow scael webapp 3", "There is no order scael."),
        ("at 09:00 tomorrow set webapp A=xyzzy in staging", "An order with a value in it is not kept for later."),
        (
            "at 09:00 tomorrow every day 10:00 status",
            "Only an order that does something itself can be scheduled.",
        ),
        ("at tomorrow status", "At what time?"),
        ("every 18:00 status", "every needs to know which days."),
        ("unschedule all", "all is not a number of a schedule."),
    ],
)
def test_what_cannot_be_meant_is_refused_when_it_is_given(bot: Talk, text: str, title: str) -> None:
    assert bot.say(text).title == title
    assert bot.store.schedules() == []


def test_a_value_reaches_neither_the_store_nor_the_audit(bot: Talk, tmp_path: Path) -> None:
    bot.say("at 09:00 tomorrow set webapp TOKEN=xyzzy-plugh in staging")
    bot.say("may set webapp TOKEN=xyzzy-plugh in staging")
    assert "TOKEN=•••" in str(bot.store.audit())
    assert not any(b"xyzzy" in f.read_bytes() for f in tmp_path.iterdir())


def test_it_is_carried_out_in_time_and_once(bot: Talk) -> None:
    schedule = put(bot, "scale webapp 3 in staging")
    reply = bot.answer(f"order:{schedule.key}")
    assert reply.title == "webapp → 3 replicas in staging · done"
    assert f"@operator (schedule {schedule.number})" in [f.value for f in reply.fields]
    bot.pass_time(lambda: not bot.store.schedules())
    assert [e.request for e in bot.store.audit()] == [schedule.key]


def test_a_rule_moves_to_its_next_day(bot: Talk) -> None:
    schedule = put(bot, "status in staging", daily=True)
    bot.answer(f"order:{schedule.key}")
    bot.pass_time(lambda: bot.store.schedules()[0].due > schedule.due)
    (next_one,) = bot.store.schedules()
    assert next_one.due == following(schedule.timing, schedule.due)


def test_both_rights_are_needed_to_give_it(tmp_path: Path) -> None:
    with talking(tmp_path, more=SCHEDULERS) as bot:
        assert bot.say("at 09:00 tomorrow scale webapp 3 in staging", DEV).tone is Tone.GOOD
        for text in ("scale webapp 3 in production", "restart webapp in staging"):
            assert bot.say(f"at 09:00 tomorrow {text}", DEV).code == "not_allowed"


def test_whoever_lost_the_right_is_refused_where_everybody_sees_it(tmp_path: Path) -> None:
    with talking(tmp_path, more=SCHEDULERS) as bot:
        schedule = put(bot, "restart webapp in staging", who=DEV)
        reply = said(bot, schedule)
    assert reply.title == ("restart webapp in staging · not carried out: You may not restart webapp in staging.")
    assert reply.code == "not_allowed"


@pytest.mark.parametrize(
    ("now", "why"),
    [
        (replace(DEV, outsider="deactivated"), "You are known here as deactivated."),
        (replace(DEV, email=None), "You have no role."),
    ],
)
def test_the_rights_are_those_that_the_person_has_by_then(tmp_path: Path, now: Who, why: str) -> None:
    with talking(tmp_path, more=SCHEDULERS) as bot:
        bot.slack.people[DEV.id] = now
        reply = said(bot, put(bot, "scale webapp 3 in staging", who=DEV))
        assert bot.cluster.find("staging", "micro-staging", "webapp").wanted == 1
    assert reply.title == "scale webapp 3 in staging · not carried out: You may not scale webapp in staging."
    assert why in reply.body


def test_where_nobody_says_who_it_is_now_it_stays_due(tmp_path: Path) -> None:
    with talking(tmp_path, more=SCHEDULERS) as bot:
        bot.slack.away = True
        schedule = put(bot, "scale webapp 3 in staging", who=DEV)
        bot.pass_time(lambda: bot.slack.asked > 1)
        bot.slack.away = False
        assert bot.answer(f"order:{schedule.key}").title == "webapp → 3 replicas in staging · done"


def test_what_an_outage_missed_is_told_and_not_run(bot: Talk) -> None:
    bot.bot.stop()
    schedule = put(bot, "scale webapp 3 in staging", -LATE - SOON)
    bot.restart()
    reply = said(bot, schedule)
    assert reply.title == "scale webapp 3 in staging · not carried out, it was missed"
    assert "Nothing was changed." in reply.body
    assert [b.command for b in reply.buttons] == ["scale webapp 3 in staging"]
    assert bot.cluster.find("staging", "micro-staging", "webapp").wanted == 1
    bot.pass_time(lambda: not bot.store.schedules())


def test_a_rule_that_was_missed_for_days_is_told_once_with_its_count(bot: Talk) -> None:
    bot.bot.stop()
    schedule = put(bot, "status", -timedelta(days=3, minutes=7), daily=True)
    bot.restart()
    assert said(bot, schedule).title == "status · not carried out, it was missed 4 times"
    bot.pass_time(lambda: bot.store.schedules()[0].due > bot.parts.clock.now())


class Quiet:
    """An outbox that keeps what it was told."""

    def __init__(self) -> None:
        self.said: list[Message] = []

    def put(self, message: Message, *, fresh: bool = False) -> None:
        self.said.append(message)


@pytest.mark.parametrize("reached", ["nothing", "claimed", "opened"])
def test_whatever_step_a_crash_comes_at_it_runs_once_or_is_told(bot: Talk, reached: str) -> None:
    """Where the life before ended."""
    bot.bot.stop()
    schedule = put(bot, "scale webapp 3 in staging", -LATE - SOON)
    request = schedule.request(bot.parts.clock.now())
    if reached == "claimed":
        assert bot.store.claim_request(request)
    if reached == "opened":
        words = Words("scale", {"service": "webapp", "replicas": "3"})
        bot.store.open_order(Order(request, "scale", words, "webapp", "staging"), "died")
    bot.restart()
    bot.pass_time(lambda: not bot.store.schedules())
    if reached == "opened":
        assert bot.answer(f"order:{request.id}").title.endswith("not carried out")
        assert bot.store.messages(schedule.key) == []
    else:
        assert said(bot, schedule).code == "missed"
    assert bot.cluster.find("staging", "micro-staging", "webapp").wanted == 1


def test_two_leaders_at_once_carry_it_out_once(bot: Talk) -> None:
    """One that was frozen past its term does not know yet that another leads."""
    schedule = put(bot, "scale webapp 3 in staging")
    other = Talk(bot.parts, bot.room, bot.commands, lead=False)
    other.bot.start()
    other.bot.schedules.take_over()
    try:
        bot.answer(f"order:{schedule.key}")
        bot.pass_time(lambda: not bot.store.schedules())
        assert [e.request for e in bot.store.audit()] == [schedule.key]
    finally:
        other.bot.stop()


def test_full_workers_are_asked_again(bot: Talk) -> None:
    bot.bot.stop()
    schedule = put(bot, "status in staging", -SOON)
    refusals = [Busy("All are busy."), Busy("All are busy.")]
    ran: list[Request] = []

    def submit(job: object) -> None:
        if refusals:
            raise refusals.pop()
        assert callable(job)
        job()

    def carry_out(request: Request) -> Reply:
        ran.append(request)
        return Reply(title="done")

    schedules = Schedules(bot.bot.ports, Quiet(), carry_out, submit)  # type: ignore[arg-type]
    for _ in range(5):
        schedules.look()
    assert [request.id for request in ran] == [schedule.key]


def test_a_store_that_is_away_changes_nothing(bot: Talk, tmp_path: Path) -> None:
    closed = SqlStore(f"sqlite:///{tmp_path}/nothing/here.db")
    ports = bot.bot.ports
    away = type(ports)(ports.current, ports.clusters, ports.registry, closed, ports.clock, ports.commands)
    Schedules(away, Quiet(), lambda _request: None, lambda _job: None).look()  # type: ignore[arg-type]


def test_numbers_are_not_given_again(bot: Talk) -> None:
    first = put(bot, "status", timedelta(days=2))
    bot.store.remove_schedule(first.number)
    assert put(bot, "status", timedelta(days=3)).number == first.number + 1
    assert replace(first, number=0).key != first.key
