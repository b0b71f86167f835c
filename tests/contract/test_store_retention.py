"""Clearing away, on every database: what is over and old goes, what is open, ahead, unsent or newest stays."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from msgspec.structs import replace

from bot.core.model import Place
from bot.core.workload import Phase
from bot.store import Kept, Store
from bot.store.sql.retention import AGES
from bot.store.sql.tables import metadata
from tests.contract.store_nouns import (
    CHANNEL,
    DEV,
    NOW,
    SECOND,
    alert_group,
    ask,
    build,
    commit,
    incident,
    message,
    order,
    release,
    request,
    rollout,
    schedule,
    storm,
)

LATER = NOW + timedelta(days=1)
BOUNDED = {"locks", "claims", "freezes", "leadership", "replicas", "tags", "put_off", "books", "outages", "reminders"}
WITH_ANOTHER = {"agreements", "release_names", "storm_rollouts"}
FOR_EVER = {"audit", "audit_head"}


def _closed(store: Store) -> None:
    store.open_order(order(), "a")
    store.close_order(order().key, "done")


def _sent(store: Store) -> None:
    put = store.put_message(replace(message(), at=NOW))
    store.message_sent(put, replace(CHANNEL, message="1"), edited=False)


def _superseded(store: Store) -> None:
    store.save_rollout(rollout("old", phase=Phase.PROVEN))
    store.save_rollout(rollout("new", phase=Phase.PROVEN, started=NOW + SECOND))


def _over(store: Store) -> None:
    store.remove_schedule(store.add_schedule(schedule()).number)
    store.add_schedule(schedule("another"))


def _settled(store: Store) -> None:
    asked = store.ask(ask())
    store.agree(asked.number, DEV)
    store.settle(asked, "approved", "a")
    store.ask(ask(2))


OLD: dict[Kept, Callable[[Store], object]] = {
    Kept.REQUESTS: lambda s: s.claim_request(request()),
    Kept.ORDERS: _closed,
    Kept.MESSAGES: _sent,
    Kept.ROLLOUTS: _superseded,
    Kept.BUILDS: lambda s: s.save_build(build()),
    Kept.RELEASES: lambda s: s.write_book("adderservice", 0, [release()]),
    Kept.COMMITS: lambda s: s.save_commit(commit()),
    Kept.STORMS: lambda s: s.save_storm(replace(storm(), over=True), ["a"]),
    Kept.ANNOUNCEMENTS: lambda s: s.announce_once("a", NOW),
    Kept.INCIDENTS: lambda s: s.save_incident(replace(incident(), over=True)),
    Kept.ALERTS: lambda s: s.merge_alerts(alert_group()),
    Kept.SCHEDULES: _over,
    Kept.ASKS: _settled,
}
OPEN: dict[Kept, Callable[[Store], object]] = {
    Kept.ORDERS: lambda s: s.open_order(order(), "a"),
    Kept.MESSAGES: lambda s: s.put_message(replace(message(), at=NOW)),
    Kept.ROLLOUTS: lambda s: s.save_rollout(rollout()),
    Kept.INCIDENTS: lambda s: s.save_incident(incident()),
    Kept.STORMS: lambda s: s.save_storm(storm(), ["a"]),
    Kept.SCHEDULES: lambda s: s.add_schedule(schedule()),
    Kept.ASKS: lambda s: s.ask(ask()),
}


def test_every_table_is_cleared_bounded_or_kept_for_ever() -> None:
    assert {age.table.name for age, _ in AGES.values()} | BOUNDED | WITH_ANOTHER | FOR_EVER == set(metadata.tables)
    assert set(AGES) == set(OLD) == set(Kept)


@pytest.mark.parametrize("kept", Kept)
def test_what_is_over_and_old_goes_and_what_is_young_stays(store: Store, kept: Kept) -> None:
    OLD[kept](store)
    assert store.forget(kept, NOW) == 0
    assert store.forget(kept, LATER + timedelta(days=1)) == 1
    assert store.forget(kept, LATER + timedelta(days=1)) == 0


@pytest.mark.parametrize("kept", OPEN)
def test_what_is_not_over_stays_however_old(store: Store, kept: Kept) -> None:
    OPEN[kept](store)
    assert store.forget(kept, NOW + timedelta(days=4000)) == 0


def test_no_number_is_given_twice(store: Store) -> None:
    number = store.add_schedule(schedule()).number
    store.remove_schedule(number)
    asked = store.ask(ask())
    store.settle(asked, "approved", "a")
    for kept in (Kept.SCHEDULES, Kept.ASKS):
        store.forget(kept, NOW + timedelta(days=4000))
    assert store.add_schedule(schedule("another")).number > number
    assert store.ask(ask(2)).number > asked.number


def test_who_agreed_goes_with_what_they_agreed_to(store: Store) -> None:
    _settled(store)
    store.forget(Kept.ASKS, NOW + timedelta(days=4000))
    assert store.agreed(1) == []


def test_the_newest_rollout_of_each_workload_stays(store: Store) -> None:
    _superseded(store)
    store.forget(Kept.ROLLOUTS, NOW + timedelta(days=4000))
    assert store.rollout("old") is None
    assert store.rollout("new") is not None


def test_so_many_at_once_the_oldest_first(store: Store) -> None:
    for number in range(1, 6):
        store.claim_request(request(number))
    assert store.forget(Kept.REQUESTS, LATER, most=2) == 2
    assert store.claim_request(request(1))
    assert not store.claim_request(request(3))


def test_a_message_has_several_places_and_each_its_age(store: Store) -> None:
    _sent(store)
    elsewhere = replace(message(), place=Place("webex", "room"), at=LATER)
    put = store.put_message(elsewhere)
    store.message_sent(put, replace(elsewhere.place, message="2"), edited=False)
    assert store.forget(Kept.MESSAGES, LATER) == 1
    assert [m.place.platform for m in store.messages(message().key)] == ["webex"]


def test_what_is_said_anew_is_young_again(store: Store) -> None:
    _sent(store)
    put = store.put_message(replace(message(title="done"), at=LATER))
    store.message_sent(put, replace(CHANNEL, message="1"), edited=True)
    assert store.forget(Kept.MESSAGES, LATER) == 0
