"""What happens to a request that is not a plain good one."""

import logging
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs

from bot.core.errors import Busy
from bot.core.model import CONSOLE, Order, Place, Reply, Request
from bot.engine.dispatch import Dispatcher
from bot.engine.outbox import Outbox
from bot.ports import Command, Ports
from bot.store.sql import SqlStore
from bot.workers import Workers
from tests.unit.talk import OPERATOR, Talk, talking


def request(bot: Talk, text: str, identity: str = "once") -> Request:
    return Request(identity, OPERATOR, Place(CONSOLE, CONSOLE), text, bot.parts.clock.now())


def test_a_request_delivered_twice_is_carried_out_once(bot: Talk) -> None:
    before = bot.cluster.find("staging", "micro-staging", "webapp").generation
    for _ in range(3):
        bot.bot.dispatcher.receive(request(bot, "restart webapp in staging"))
    assert bot.answer("order:once").title.endswith("done")
    assert bot.cluster.find("staging", "micro-staging", "webapp").generation == before + 1
    assert len(bot.store.audit()) == 1


def test_two_people_at_one_target_the_second_is_told_who_is_at_it(bot: Talk) -> None:
    workload = bot.cluster.find("staging", "micro-staging", "webapp")
    now = bot.parts.clock.now()
    bot.store.claim(f"test/{workload.uid}", "@dev1/r1", now, now.replace(year=now.year + 1))
    reply = bot.say("scale webapp 3 in staging")
    assert (reply.title, reply.code) == ("@dev1 is changing webapp just now.", "busy")


def test_a_bug_in_an_order_is_answered_with_a_reference_that_the_log_has(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def plan(_ports: Ports, _order: Order) -> Reply:
        raise ZeroDivisionError("xyzzy")

    bad = Command(usage="bad", summary="breaks", verb="read", examples=("bad",), plan=plan)
    with caplog.at_level(logging.ERROR), talking(tmp_path, commands={"bad": bad}) as bot:
        reply = bot.say("bad")
    assert reply.title.startswith("Something broke on our side (ref ")
    assert "xyzzy" not in f"{reply.title}{reply.body}"
    reference = reply.title.partition("(ref ")[2].partition(")")[0]
    assert reference in caplog.text
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize(
    "text",
    ["x" * 100_000, "deploy " + "a " * 10_000, "deploy a\x00b 1", "deploy a \u202e1", "status \x1b[2J", "", "   ", "/"],
    ids=["100 kB", "10,000 words", "zero byte", "right to left", "escape", "nothing", "spaces", "a slash"],
)
def test_nonsense_is_refused_in_one_sentence(bot: Talk, text: str) -> None:
    reply = bot.say(text)
    assert reply.code == "usage"
    assert len(reply.title) < 120
    assert "\n" not in reply.title


def test_a_full_queue_answers_busy_and_takes_nothing() -> None:
    workers = Workers(threads=1, waiting=1)
    workers.submit(lambda: None)
    with pytest.raises(Busy):
        workers.submit(lambda: None)


def test_stopping_finishes_what_was_taken() -> None:
    done: list[int] = []
    workers = Workers(threads=2)
    for n in range(50):
        workers.submit(lambda n=n: done.append(n))  # type: ignore[misc]
    workers.start()
    workers.stop()
    assert sorted(done) == list(range(50))
    with pytest.raises(Busy):
        workers.submit(lambda: None)


def test_a_job_that_breaks_costs_the_pool_nothing(caplog: pytest.LogCaptureFixture) -> None:
    done: list[bool] = []
    workers = Workers(threads=1)
    workers.submit(lambda: 1 / 0)
    workers.submit(lambda: done.append(True))
    workers.start()
    workers.stop()
    assert done == [True]
    assert "ZeroDivisionError" in caplog.text


def test_a_button_does_what_it_says_once_and_questions_as_often_as_asked(bot: Talk) -> None:
    def press(text: str, identity: str) -> Reply | None:
        pressed = structs.replace(request(bot, text, identity), button="C1:1.0:3f2a")
        return bot.bot.dispatcher.carry_out(pressed)

    for identity in ("first", "second"):
        press("restart webapp in staging", identity)
    refused = bot.answer("order:second")
    assert (refused.title, refused.code) == ("That button was used already.", "refused")
    assert refused.body.endswith("    restart webapp in staging")
    for identity in ("third", "fourth"):
        assert "webapp in staging" in str(press("status webapp in staging", identity))


def test_when_the_store_is_away_the_person_still_hears(bot: Talk, tmp_path: Path) -> None:
    (tmp_path / "broken.db").write_bytes(b"this is no database" * 1000)
    broken = SqlStore(f"sqlite:///{tmp_path / 'broken.db'}")
    outbox = Outbox(broken, {bot.room.name: bot.room}, bot.parts.clock)
    ports = replace(bot.bot.ports, store=broken)
    dispatcher = Dispatcher(ports, outbox, Workers(), lambda: None, lambda _order: None, lambda _name, _step: None)
    dispatcher.carry_out(request(bot, "status in staging"))
    reply = bot.answer("order:once")
    assert (reply.title, reply.code) == ("The file of the store is not a database.", "unavailable")
