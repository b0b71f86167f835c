"""Orders for later, on every database: each stands once, moves from moment to moment, and keeps its number."""

from datetime import timedelta

from msgspec.structs import replace

from bot.store import Store
from tests.contract.store_kit import Stores
from tests.contract.store_nouns import NOW, SECOND, schedule

DAY = timedelta(days=1)


def test_the_same_request_gives_one_schedule(store: Store) -> None:
    first = store.add_schedule(schedule())
    assert first == replace(schedule(), number=first.number)
    assert store.add_schedule(schedule()) == first
    assert store.schedules() == [first]


def test_they_come_in_the_order_of_their_moments(store: Store) -> None:
    late, early = store.add_schedule(schedule("a", 2 * DAY)), store.add_schedule(schedule("b", DAY))
    assert store.schedules() == [early, late]
    assert store.schedules(NOW + DAY) == [early]
    assert store.schedules(NOW + DAY - SECOND) == []


def test_one_moves_only_from_where_it_stands(store: Store) -> None:
    found = store.add_schedule(schedule())
    store.move_schedule(found, NOW + 2 * DAY)
    store.move_schedule(found, NOW + 3 * DAY)
    assert store.schedules() == [replace(found, due=NOW + 2 * DAY)]
    store.move_schedule(store.schedules()[0], None)
    assert store.schedules() == []


def test_what_is_taken_back_neither_comes_nor_lends_its_number(store: Store) -> None:
    found = store.add_schedule(schedule())
    assert store.remove_schedule(found.number) == found
    assert store.remove_schedule(found.number) is None
    store.move_schedule(found, NOW + 2 * DAY)
    assert store.schedules() == []
    assert store.add_schedule(schedule("another")).number > found.number


def test_they_are_there_after_a_restart(stores: Stores) -> None:
    found = stores.open().add_schedule(schedule())
    stores.close()
    assert stores.open().schedules() == [found]
