"""Who is to be told that something is free, on every database: one a person and target, until they were told."""

from concurrent.futures import ThreadPoolExecutor

from msgspec.structs import replace

from bot.store import Store
from tests.contract.store_kit import Stores
from tests.contract.store_nouns import DEV, NOW, SECOND, reminder

LEAD = replace(DEV, id="U0LEAD", name="lead", email="lead@example.com")


def test_they_stand_until_they_are_forgotten(store: Store) -> None:
    second, first = reminder("b", LEAD, NOW + SECOND), reminder("a")
    store.remind(second)
    store.remind(first)
    assert store.reminders() == [first, second]
    store.forget_reminder(first)
    store.forget_reminder(first)
    assert store.reminders() == [second]


def test_the_last_of_one_person_for_one_thing_counts(store: Store) -> None:
    again = replace(reminder("b"), text="scale adderservice 3 in production")
    elsewhere = replace(reminder("c"), environment="staging")
    for one in (reminder("a"), again, elsewhere):
        store.remind(one)
    assert store.reminders() == [again, elsewhere]
    store.forget_reminder(reminder("a"))
    assert store.reminders() == [again, elsewhere]


def test_one_person_is_one_on_every_platform(store: Store) -> None:
    store.remind(reminder("a"))
    store.remind(reminder("b", replace(DEV, platform="webex", id="Y2lz")))
    assert [one.given for one in store.reminders()] == ["b"]


def test_of_many_at_once_one_is_left(store: Store) -> None:
    with ThreadPoolExecutor(8) as crowd:
        list(crowd.map(lambda n: store.remind(reminder(f"{n}")), range(40)))
    assert len(store.reminders()) == 1


def test_they_are_there_after_a_restart(stores: Stores) -> None:
    stores.open().remind(reminder())
    stores.close()
    assert stores.open().reminders() == [reminder()]
