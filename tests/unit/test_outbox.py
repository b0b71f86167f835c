"""Delivery: nothing lost, nothing said twice, whatever the platform does and wherever the process dies."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.clock import ScaledClock
from bot.core.errors import NotFound, Unavailable
from bot.core.model import Message, Place, Reply
from bot.engine.outbox import Outbox
from bot.store import Store
from bot.store.sql import SqlStore
from tests.unit.strict import StrictPlatform

HERE = Place("strict", "C1")
NOW = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    made = SqlStore(f"sqlite:///{tmp_path}/outbox.db")
    made.migrate()
    yield made
    made.close()


def message(title: str, key: str = "k", *, final: bool = False) -> Message:
    return Message(key, HERE, Reply(title=title), final=final)


def delivered(store: SqlStore, platform: StrictPlatform, *messages: Message) -> None:
    outbox = Outbox(store, {platform.name: platform}, ScaledClock(500))
    outbox.start()
    for one in messages:
        outbox.put(one)
    for _ in range(1000):
        if store.next_due(platform.name) is None:
            break
        Event().wait(0.01)
    outbox.stop()
    assert store.next_due(platform.name) is None


def test_it_is_edited_in_place_and_never_repeated(store: SqlStore) -> None:
    platform = StrictPlatform()
    for title in ("one", "two", "three"):
        delivered(store, platform, message(title))
    assert platform.shown("k") == ["three"]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_lost_answer_is_not_said_again(store: SqlStore, moment: str) -> None:
    """`after`: it was posted, and the answer was lost. The retry finds it by its key."""
    platform = StrictPlatform()
    platform.faults = [(moment, Unavailable("The chat does not answer.", retry_after=1.0))]
    delivered(store, platform, message("one"))
    assert platform.shown("k") == ["one"]


def test_a_crash_between_sent_and_noted_finds_what_stands(store: SqlStore) -> None:
    platform = StrictPlatform()
    store.put_message(message("one"))
    platform.post(message("one"))
    delivered(store, platform, message("two"))
    assert platform.shown("k") == ["two"]


def test_what_can_never_be_sent_is_given_up_and_holds_nobody_up(store: SqlStore) -> None:
    platform = StrictPlatform()
    platform.faults = [("before", NotFound("There is no such channel."))]
    delivered(store, platform, message("lost", "a"), message("said", "b"))
    assert platform.shown("b") == ["said"]


def test_how_it_ended_is_said_anew_where_somebody_took_the_message_away(store: SqlStore) -> None:
    platform = StrictPlatform()
    delivered(store, platform, message("starting"))
    platform.stands.clear()
    delivered(store, platform, message("half"))
    assert platform.shown("k") == []
    delivered(store, platform, message("done", final=True))
    delivered(store, platform, message("rolled back", final=True))
    assert platform.shown("k") == ["rolled back"]


def test_a_crash_after_it_was_said_anew_says_it_once(store: SqlStore) -> None:
    platform = StrictPlatform()
    delivered(store, platform, message("starting"))
    platform.stands.clear()
    platform.stands["anew"] = message("done", final=True)
    delivered(store, platform, message("done", final=True))
    assert platform.shown("k") == ["done"]


def test_of_a_thread_that_is_gone_the_end_is_said_beside_it(store: SqlStore) -> None:
    platform = ForgetfulPlatform()
    there = Place("strict", "C1", "gone")
    delivered(store, platform, Message("k", there, Reply("half"), final=False))
    assert platform.shown("k") == []
    delivered(store, platform, Message("k", there, Reply("done")))
    assert platform.shown("k") == ["done"]


class ForgetfulPlatform(StrictPlatform):
    """It has no threads any more."""

    def post(self, message: Message) -> Place:
        self._require(message.place)
        return super().post(message)

    def find(self, place: Place, key: str) -> Place | None:
        self._require(place)
        return super().find(place, key)

    def _require(self, place: Place) -> None:
        if place.thread:
            raise NotFound("There is no such thread.")


class SlowPlatform(StrictPlatform):
    """What is posted in one channel takes until it is let go."""

    def __init__(self, channel: str = "C1") -> None:
        super().__init__()
        self._channel = channel
        self.posting, self.let_go = Event(), Event()

    def post(self, message: Message) -> Place:
        if message.place.channel == self._channel:
            self.posting.set()
            assert self.let_go.wait(30)
        return super().post(message)


@pytest.mark.parametrize("newer", [["two"], ["two", "three", "four"]])
def test_what_is_said_while_an_older_version_is_under_way_comes_after_it(store: SqlStore, newer: list[str]) -> None:
    platform = SlowPlatform()
    outbox = Outbox(store, {platform.name: platform}, ScaledClock(500))
    outbox.start()
    outbox.put(message("one"), fresh=True)
    assert platform.posting.wait(30)
    for title in newer:
        outbox.put(message(title), fresh=True)
    platform.let_go.set()
    for _ in range(1000):
        if platform.shown("k") == newer[-1:]:
            break
        Event().wait(0.01)
    outbox.stop()
    assert platform.shown("k") == newer[-1:]


def test_a_channel_that_takes_its_time_holds_up_no_other(store: SqlStore) -> None:
    platform = SlowPlatform("C1")
    outbox = Outbox(store, {platform.name: platform}, ScaledClock(500))
    outbox.start()
    outbox.put(message("one"), fresh=True)
    assert platform.posting.wait(30)
    outbox.put(replace(message("two", "b"), place=Place(platform.name, "C2")), fresh=True)
    for _ in range(1000):
        if platform.shown("b"):
            break
        Event().wait(0.01)
    assert (platform.shown("k"), platform.shown("b")) == ([], ["two"])
    platform.let_go.set()
    outbox.stop()
    assert platform.shown("k") == ["one"]


FAULTS = st.lists(st.sampled_from(["before", "after"]), max_size=4)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(titles=st.lists(st.text("abc", min_size=1, max_size=3), min_size=1, max_size=5), faults=FAULTS)
def test_whatever_fails_the_newest_stands_exactly_once(store: SqlStore, titles: list[str], faults: list[str]) -> None:
    platform = StrictPlatform()
    platform.faults = [(moment, Unavailable("No answer.", retry_after=1.0)) for moment in faults]
    key = f"k{datetime.now(UTC).timestamp()}"
    delivered(store, platform, *(message(t, key) for t in titles))
    assert platform.shown(key) == titles[-1:]


def test_a_store_that_is_away_for_a_while_does_not_end_the_sender(store: SqlStore) -> None:
    """What was said and could not be noted is found again by its key."""
    platform = StrictPlatform()
    flaky = Forgetful(store)
    outbox = Outbox(cast(Store, flaky), {platform.name: platform}, ScaledClock(500))
    outbox.start()
    outbox.put(message("one"), fresh=True)
    outbox.put(message("two", "b"), fresh=True)
    for _ in range(1000):
        if store.next_due(platform.name) is None:
            break
        Event().wait(0.01)
    outbox.stop()
    assert (platform.shown("k"), platform.shown("b")) == (["one"], ["two"])
    assert flaky.refused == 2


def test_whoever_says_something_does_not_wait_while_the_sender_asks_the_store(store: SqlStore) -> None:
    platform, slow = StrictPlatform(), Slow(store)
    outbox = Outbox(cast(Store, slow), {platform.name: platform}, ScaledClock(500))
    outbox.start()
    assert slow.asked.wait(30)
    speaker = Thread(target=outbox.put, args=(message("one"),), daemon=True)
    speaker.start()
    speaker.join(30)
    waits = speaker.is_alive()
    slow.answers.set()
    outbox.stop()
    assert not waits


class Slow:
    """A store that takes its time to tell what is due next; otherwise the real one."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store
        self.asked, self.answers = Event(), Event()

    def next_due(self, platform: str, after: datetime) -> datetime | None:
        self.asked.set()
        assert self.answers.wait(20)
        return self._store.next_due(platform, after=after)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


class Forgetful:
    """A store that cannot be written twice, when something was sent; otherwise the real one."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store
        self.refused = 0

    def message_sent(self, sent: Message, place: Place, *, edited: bool) -> None:
        if self.refused < 2:
            self.refused += 1
            raise Unavailable("The store does not answer.")
        self._store.message_sent(sent, place, edited=edited)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)
