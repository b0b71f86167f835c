"""One leader: the row decides, its own clock ends it, and what it left open the next one takes up."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest

from bot.clock import ScaledClock
from bot.engine.leader import TERM, Leader
from bot.store.sql import SqlStore
from tests.databases import new_database
from tests.unit.talk import Talk, talking


def second(bot: Talk) -> Talk:
    """Another replica on the same store and cluster, in the same room."""
    other = Talk(bot.parts, bot.room, bot.commands, lead=True)
    other.bot.start()
    return other


def test_two_replicas_say_everything_once(bot: Talk) -> None:
    other = second(bot)
    try:
        bot.cluster.kubectl_set_image("micro", "webapp", "registry.local:5000/webapp:9ab01de")
        bot.until(lambda: any(m.reply.title == "webapp → 9ab01de in production · done" for m in bot.messages()))
        assert len([m for m in bot.messages() if "webapp → 9ab01de" in m.reply.title]) == 1
        assert bot.bot.poller.looking
        assert not other.bot.poller.looking
    finally:
        other.bot.stop()


def test_the_next_leader_goes_on_where_the_last_one_stopped(bot: Talk) -> None:
    bot.push("adderservice", "slow-20")
    other = second(bot)
    try:
        bot.cluster.kubectl_set_image("micro", "adderservice", "registry.local:5000/adderservice:slow-20")
        bot.until(lambda: any("of 6 ready" in m.reply.title for m in bot.messages()))
        bot.bot.stop()
        other.until(lambda: any("slow-20 in production · done" in m.reply.title for m in bot.messages()))
        assert len([m for m in bot.messages() if "slow-20 in production" in m.reply.title]) == 1
    finally:
        other.bot.stop()


def test_who_does_not_lead_follows_what_was_ordered_from_it(tmp_path: Path) -> None:
    with talking(tmp_path, lead=False) as bot:
        bot.cluster.kubectl_set_image("micro", "webapp", "registry.local:5000/webapp:9ab01de")
        assert bot.say("scale adderservice 3 in staging").title.endswith("done")
        assert not any("webapp" in m.reply.title for m in bot.messages())


def test_an_expired_leadership_is_taken_over(tmp_path: Path) -> None:
    with talking(tmp_path) as bot:
        bot.bot.stop()
        now = bot.parts.clock.now()
        assert bot.store.lead("died here", now, now + timedelta(seconds=10))
        bot.restart()
        bot.cluster.kubectl_set_image("micro", "webapp", "registry.local:5000/webapp:slow-20")
        bot.until(lambda: any(m.reply.title == "webapp → slow-20 in production · done" for m in bot.messages()))


class Hands:
    """Time passes when the test says so, and the rounds go on all the while."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def real(self, _seconds: float) -> float:
        return 0.01


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    new_database(tmp_path / "led.db")
    store = SqlStore(f"sqlite:///{tmp_path}/led.db")
    store.migrate()
    yield store
    store.close()


def test_a_leader_that_was_frozen_past_its_term_takes_up_what_it_let_pass(store: SqlStore) -> None:
    """Nobody led meanwhile, so nobody followed what began then."""
    clock, told, again = Hands(), list[str](), Event()

    def took() -> None:
        told.append("took")
        if told.count("took") == 2:
            again.set()

    leader = Leader(store, clock, "me", took, lambda: told.append("lost"))
    leader.start()
    clock.at += TERM / 2
    assert leader.leading
    clock.at += TERM * 3
    assert again.wait(30)
    leader.stop()
    assert told[:3] == ["took", "lost", "took"]


def test_a_leadership_that_nobody_renews_is_taken_over_though_its_clock_was_ahead(tmp_path: Path) -> None:
    with talking(tmp_path) as bot:
        bot.bot.stop()
        now = bot.parts.clock.now()
        assert bot.store.lead("died here", now, now + timedelta(days=1))
        bot.restart()
        bot.pass_time(lambda: bot.bot.poller.looking)


def test_one_that_is_renewed_is_not_taken_over_however_long(tmp_path: Path) -> None:
    """Each look is a whole term after the one before."""
    with talking(tmp_path, lead=False) as bot:
        now = bot.parts.clock.now()
        leader = Leader(bot.store, ScaledClock(TERM / timedelta(milliseconds=1)), "me", lambda: None, lambda: None)
        for seconds in range(20):
            assert bot.store.lead("lives", now, now + timedelta(days=1, seconds=seconds))
            leader._renew()
            assert not leader.leading
            Event().wait(0.002)
