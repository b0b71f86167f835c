"""Several replicas, many threads: exactly one wins, and nobody reads that the database is locked."""

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

import pytest
from msgspec.structs import replace

from bot.store.sql import SqlStore
from bot.store.sql.migrations import MIGRATIONS
from tests.contract.store_kit import Stores
from tests.contract.store_nouns import DEV, NOW, SECOND, all_due, ask, lock, message, order, release, reply, request

RUNNERS = 50
REPLICAS = 4
T = TypeVar("T")

ATTEMPTS: dict[str, Callable[[SqlStore, int], bool]] = {
    "claim_request": lambda s, _: s.claim_request(request()),
    "open_order": lambda s, _: s.open_order(order(), "a"),
    "hold_order": lambda s, n: s.hold_order(order(7).key, str(n), NOW),
    "take_lock": lambda s, n: s.take_lock(lock(replace(DEV, email=f"{n}@example.com"))) is None,
    "claim": lambda s, n: s.claim("adderservice", str(n), NOW, NOW + SECOND) is None,
    "announce_once": lambda s, _: s.announce_once("tag:a", NOW),
    "write_book": lambda s, n: s.write_book("adderservice", 0, [release(n)]),
    "write_book again": lambda s, n: s.write_book("webapp", 1, [release(n, "webapp")]),
    "lead": lambda s, n: s.lead(str(n), NOW, NOW + SECOND),
    "release_lock": lambda s, _: s.release_lock("webapp", "production") is not None,
    "settle": lambda s, n: s.settle(replace(ask(), number=1), str(n), "a"),
    "put_message": lambda s, n: s.put_message(message(title=str(n))).version == 1,
}


@pytest.fixture
def replicas(stores: Stores) -> list[SqlStore]:
    return [stores.open() for _ in range(REPLICAS)]


def race(replicas: list[SqlStore], attempt: Callable[[SqlStore, int], T]) -> list[T]:
    start = Barrier(RUNNERS, timeout=20)

    def run(number: int) -> T:
        start.wait()
        return attempt(replicas[number % len(replicas)], number)

    with ThreadPoolExecutor(RUNNERS) as pool:
        return list(pool.map(run, range(RUNNERS), timeout=30))


@pytest.mark.parametrize("what", ATTEMPTS)
def test_exactly_one_wins(replicas: list[SqlStore], what: str) -> None:
    replicas[0].take_lock(lock(service="webapp"))
    replicas[0].ask(ask())
    replicas[0].open_order(order(7), "died")
    for number in range(RUNNERS):
        replicas[0].live(str(number), NOW, NOW + SECOND)
    replicas[0].write_book("webapp", 0, [])
    assert Counter(race(replicas, ATTEMPTS[what])) == {True: 1, False: RUNNERS - 1}


def test_losers_are_told_who_won(replicas: list[SqlStore]) -> None:
    told = race(replicas, lambda s, n: s.claim("adderservice", str(n), NOW, NOW + SECOND))
    winner = str(told.index(None))
    assert set(told) == {None, winner}


def test_everybody_who_agrees_at_once_is_counted_once(replicas: list[SqlStore]) -> None:
    """Exactly one of them is the one who makes it enough, and each sees those before."""
    number = replicas[0].ask(ask()).number
    told = race(replicas, lambda s, n: s.agree(number, replace(DEV, email=f"{n % 10}@example.com")))
    assert len(replicas[0].agreed(number)) == 10
    assert sorted({len(seen) for seen in told}) == list(range(1, 11))


def test_a_lock_that_comes_and_goes_is_never_half_there(replicas: list[SqlStore]) -> None:
    def take_and_release(store: SqlStore, number: int) -> bool:
        taken = store.take_lock(lock(replace(DEV, email=f"{number}@example.com"))) is None
        return not taken or store.release_lock("adderservice", "production") is not None

    assert all(race(replicas, take_and_release))
    assert replicas[0].locks() == []


def test_many_writers_lose_nothing(replicas: list[SqlStore]) -> None:
    def write(store: SqlStore, number: int) -> None:
        for step in range(4):
            store.put_message(message(f"order:{number}", str(step)))

    race(replicas, write)
    waiting = all_due(replicas[0], NOW)
    assert len(waiting) == RUNNERS
    assert all(m.version == 4 and m.reply == reply("3") for m in waiting)


def test_of_several_replicas_one_sends_in_a_channel(stores: Stores, replicas: list[SqlStore]) -> None:
    """A file has no replicas: whoever has it open sends."""
    one, other = replicas[:2]
    with one.sending("slack", "C1") as first, other.sending("slack", "C1") as second:
        assert (first(), second()) == (True, stores.implementation == "sqlite")
        with other.sending("slack", "C2") as elsewhere:
            assert elsewhere()
    with other.sending("slack", "C1") as afterwards:
        assert afterwards()


def test_replicas_that_start_at_once_migrate_once(stores: Stores) -> None:
    newcomers = [SqlStore(stores.url) for _ in range(RUNNERS // 5)]
    stores.opened.extend(newcomers)
    assert set(race(newcomers, lambda s, _: s.migrate())) == {len(MIGRATIONS)}


WRITER = """
import sys
from datetime import UTC, datetime
from bot.store.sql import SqlStore
from bot.store.sql.migrations import MIGRATIONS
store = SqlStore(sys.argv[1])
store.migrate()
for number in range(1_000_000):
    store.announce_once(str(number), datetime.now(UTC))
    print(number, flush=True)
"""


def test_what_was_written_survives_a_kill(stores: Stores) -> None:
    child = subprocess.Popen([sys.executable, "-c", WRITER, stores.url], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    with child:
        written = [child.stdout.readline().strip() for _ in range(20)]
        child.send_signal(signal.SIGKILL)
        written += child.stdout.read().split("\n")[:-1]
    store = stores.open()
    assert not any(store.announce_once(number, NOW) for number in written)
