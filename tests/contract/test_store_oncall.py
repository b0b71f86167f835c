"""Incidents and alerts, on every database: kept as they were last said, found while they are not over."""

from msgspec.structs import replace

from bot.core.events import Incident
from bot.store import Store
from tests.contract.store_kit import Stores
from tests.contract.store_nouns import NOW, SECOND, TARGET


def incident(key: str = "incident:main/uid-1/1", started: int = 0) -> Incident:
    begun = NOW + started * SECOND
    return Incident(key, TARGET, "adderservice", "oom", "Killed for memory.", begun, begun, evidence=("a ✗", "b"))


def test_an_incident_is_kept_as_it_was_last_saved(store: Store) -> None:
    store.save_incident(incident())
    calm = replace(incident(), calm_since=NOW, times=2)
    store.save_incident(calm)
    assert store.open_incidents() == [calm]


def test_what_is_over_is_not_open(store: Store) -> None:
    second, first = incident("b", 2), incident("a", 1)
    store.save_incident(second)
    store.save_incident(first)
    assert store.open_incidents() == [first, second]
    store.save_incident(replace(first, over=True))
    assert store.open_incidents() == [second]


def test_incidents_are_there_after_a_restart(stores: Stores) -> None:
    stores.open().save_incident(incident())
    stores.close()
    assert stores.open().open_incidents() == [incident()]
