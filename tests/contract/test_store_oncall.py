"""Incidents and alerts, on every database: kept as they were last said, found while they are not over."""

from concurrent.futures import ThreadPoolExecutor

from msgspec.structs import replace

from bot.core.alerts import Alert
from bot.store import Store
from tests.contract.store_kit import Stores
from tests.contract.store_nouns import NOW, SECOND, alert_group, incident, outage


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


def test_a_group_is_merged_with_what_was_told_before(store: Store) -> None:
    fires = alert_group()
    first = store.merge_alerts(fires)
    assert (first.since, first.times, store.firing_alerts()) == (NOW, 1, [first])
    resolved = replace(fires, alerts=(replace(fires.alerts[0], ends=NOW + SECOND),), heard=NOW + SECOND)
    assert store.merge_alerts(resolved).firing == ()
    assert store.merge_alerts(fires).firing == ()
    assert store.firing_alerts() == []


def test_groups_of_other_names_and_sources_are_apart(store: Store) -> None:
    for group in (alert_group(), replace(alert_group(), group="b"), replace(alert_group(), source="other")):
        store.merge_alerts(group)
    assert len(store.firing_alerts()) == 3


def test_two_deliveries_at_once_lose_nothing(stores: Stores) -> None:
    """Each tells of another alert of the group and says that there are more."""
    one = stores.open()
    groups = [replace(alert_group(), alerts=(Alert(f"f{n}", "HighErrorRate", NOW),), whole=False) for n in range(24)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one.merge_alerts, groups))
    (found,) = one.firing_alerts()
    assert {alert.fingerprint for alert in found.alerts} == {f"f{n}" for n in range(24)}


def test_the_last_outage_of_each_registry_is_known(store: Store) -> None:
    assert store.outages() == []
    for one in (outage(), outage("another:5000"), outage(over=NOW + SECOND)):
        store.save_outage(one)
    assert store.outages() == [outage("another:5000"), outage(over=NOW + SECOND)]
