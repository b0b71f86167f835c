"""The audit is one chain, however many write it, and whatever is done to it in the database is found."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from msgspec.structs import replace

from bot.core.audit import ASKED
from bot.core.chain import Head
from bot.core.errors import Unavailable
from bot.store.sql.engine import Database
from bot.store.sql.migrations import FIRST, migrate
from bot.store.sql.sealing import PAGE
from tests.contract.store_kit import Stores
from tests.contract.store_nouns import DEV, NOW, ONCALL, SECOND, entry

TAMPERINGS = {
    "edited": ("UPDATE audit SET noun = replace(noun, 'dev1', 'dev2') WHERE number = 3", 3),
    "moved in time": ("UPDATE audit SET at = at + 1 WHERE number = 3", 3),
    "hidden from a service": ("UPDATE audit SET service = NULL WHERE number = 3", 3),
    "hidden from a person": ("UPDATE audit SET who = 'nobody' WHERE number = 3", 3),
    "hidden from a verb": ("UPDATE audit SET verb = 'read' WHERE number = 3", 3),
    "made good": ("UPDATE audit SET outcome = 'applied' WHERE number = 3", 3),
    "kept out by another's key": ("UPDATE audit SET request = 'C024BE91L:99' WHERE number = 3", 3),
    "sealed otherwise": ("UPDATE audit SET seal = '' WHERE number = 3", 3),
    "removed": ("DELETE FROM audit WHERE number = 3", 4),
    "removed first": ("DELETE FROM audit WHERE number = 1", 2),
    "removed last": ("DELETE FROM audit WHERE number = 5", 5),
    "removed at all": ("DELETE FROM audit", 1),
    "put in before": (
        "INSERT INTO audit (number, at, service, who, noun, verb, outcome, seal) "
        "SELECT -7, at, service, who, noun, verb, outcome, seal FROM audit WHERE number = 1",
        -7,
    ),
    "put in behind": (
        "INSERT INTO audit (number, at, service, who, noun, verb, outcome, seal) "
        "SELECT 6, at, service, who, noun, verb, outcome, seal FROM audit WHERE number = 1",
        6,
    ),
    "without an end": ("DELETE FROM audit_head", 6),
}


def test_verbs_and_outcomes_are_searched(stores: Stores) -> None:
    store = stores.open()
    refused = replace(entry(), verb="scale", outcome="locked")
    store.record(entry())
    store.record(refused)
    assert store.audit(verb="scale") == store.audit(outcomes=["locked", "frozen"]) == [refused]
    assert store.audit(verb="restart") == store.audit(verb="deploy", outcomes=["locked"]) == []


def test_an_empty_audit_holds(stores: Stores) -> None:
    told = stores.open().check_audit()
    assert (told.count, told.head, told.broken) == (0, Head(), None)


def test_every_record_bears_its_seal(stores: Stores) -> None:
    store = stores.open()
    entries = [entry(), entry(ONCALL, NOW + SECOND, "webapp"), entry(DEV, NOW + 2 * SECOND, None)]
    for each in entries:
        store.record(each)
    found = list(store.audit_records())
    assert [sealed.entry for sealed in found] == entries
    assert [sealed.number for sealed in found] == [1, 2, 3]
    assert [sealed.entry for sealed in store.audit_records(NOW + SECOND)] == entries[1:]
    assert store.audit_head() == Head(3, found[-1].seal)
    told = store.check_audit()
    assert (told.count, told.head, told.broken) == (3, store.audit_head(), None)


@pytest.mark.parametrize("how", TAMPERINGS)
def test_tampering_is_found_at_the_first_that_does_not_hold(stores: Stores, how: str) -> None:
    store = stores.open()
    for number in range(5):
        store.record(entry(DEV, NOW + number * SECOND))
    statement, broken = TAMPERINGS[how]
    database = Database(stores.url)
    with database.write() as connection:
        connection.exec_driver_sql(statement)
    database.close()
    assert store.check_audit().broken == broken


def test_fifty_writers_on_four_replicas_write_one_chain(stores: Stores) -> None:
    replicas = [stores.open() for _ in range(4)]

    def write(number: int) -> None:
        replicas[number % 4].record(entry(at=NOW + number * SECOND))

    with ThreadPoolExecutor(50) as pool:
        list(pool.map(write, range(200), timeout=60))
    told = replicas[0].check_audit()
    assert (told.count, told.broken, told.head) == (200, None, replicas[1].audit_head())
    written = sorted(sealed.entry.at for sealed in replicas[2].audit_records())
    assert written == [NOW + number * SECOND for number in range(200)]


def test_fifty_writers_of_one_outcome_of_an_order_write_it_once(stores: Stores) -> None:
    """Also where they know it by another rule, at another time. What is asked may be asked again."""
    replicas = [stores.open() for _ in range(4)]

    def write(number: int) -> None:
        store, known = replicas[number % 4], replace(entry(), at=NOW + number * SECOND, rule=str(number))
        store.record(replace(known, outcome="applied"))
        store.record(replace(known, outcome=ASKED))

    with ThreadPoolExecutor(50) as pool:
        list(pool.map(write, range(50), timeout=60))
    assert len(replicas[0].audit(outcomes=["applied"], limit=100)) == 1
    assert len(replicas[0].audit(outcomes=[ASKED], limit=100)) == 50
    told = replicas[0].check_audit()
    assert (told.count, told.broken, told.head) == (51, None, replicas[1].audit_head())


def test_what_somebody_put_in_ahead_is_not_taken_for_a_record(stores: Stores) -> None:
    store = stores.open()
    store.record(entry())
    database = Database(stores.url)
    with database.write() as connection:
        connection.exec_driver_sql(TAMPERINGS["put in behind"][0].replace("SELECT 6", "SELECT 2"))
    database.close()
    with pytest.raises(Unavailable):
        store.record(entry(at=NOW + SECOND))


def test_what_stood_before_there_were_seals_is_sealed(stores: Stores) -> None:
    stores.empty()
    database = Database(stores.url)
    migrate(database, [FIRST])
    from_before = "INSERT INTO audit (number, at, service, who, noun) SELECT {}, at, service, who, noun FROM audit"
    with database.write() as connection:
        connection.exec_driver_sql(f"INSERT INTO audit (number, at, who, noun) VALUES (2, 1, 'x', '{OLD}')")
        for number in range(3, 2 * PAGE + 20, 2):
            connection.exec_driver_sql(f"{from_before.format(number)} WHERE number = 2")
    database.close()
    store = stores.open()
    store.record(entry())
    told = store.check_audit()
    assert (told.count, told.broken) == (len(range(3, 2 * PAGE + 20, 2)) + 2, None)
    assert len(store.audit(verb="scale", outcomes=["applied"], limit=2 * PAGE)) == told.count - 1


OLD = (
    '{"at":"2026-11-20T12:00:00Z","request":"1","who":{"platform":"slack","id":"U1","name":"x"},'
    '"place":{"platform":"slack","channel":"C1"},"text":"scale","verb":"scale","service":null,"environment":null,'
    '"before":"","after":"","rule":"role","outcome":"applied"}'
)
