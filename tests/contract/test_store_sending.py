"""Two replicas on one database and one chat: what is said is said once, the newest last."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event
from typing import Any, cast

import pytest

from bot.clock import ScaledClock
from bot.core.model import Message, Place, Reply
from bot.engine.outbox import Outbox
from bot.store import Store
from bot.store.sql import SqlStore
from tests.contract.cluster_kit import ManualClock
from tests.contract.store_kit import Stores
from tests.servers.process import until
from tests.servers.require import each
from tests.unit.strict import StrictPlatform

HERE = Place("strict", "C1")


class Slow(StrictPlatform):
    """The first call of one kind takes until it is let go."""

    def __init__(self, kind: str = "post") -> None:
        super().__init__()
        self.waits, self.let_go, self.posts = Event(), Event(), 0
        self._kind = kind

    def post(self, message: Message) -> Place:
        self.posts += 1
        self._wait("post")
        return super().post(message)

    def find(self, place: Place, key: str) -> Place | None:
        found = super().find(place, key)
        self._wait("find")
        return found

    def _wait(self, kind: str) -> None:
        if kind == self._kind and not self.waits.is_set():
            self.waits.set()
            assert self.let_go.wait(30)


class Second:
    """The store of the second replica, which tells when it was kept from sending."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store
        self.kept = Event()

    @contextmanager
    def sending(self, platform: str, channel: str) -> Iterator[Callable[[], bool]]:
        with self._store.sending(platform, channel) as alone:
            if not alone():
                self.kept.set()
            yield alone

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


@pytest.mark.parametrize("stores", each(("postgresql",), {"postgresql": "postgres"}), indirect=True)
def test_what_one_replica_is_about_to_say_no_other_says(stores: Stores) -> None:
    chat, second = Slow(), Second(stores.open())
    one = Outbox(stores.open(), {chat.name: chat}, ScaledClock(500))
    other = Outbox(cast(Store, second), {chat.name: chat}, ScaledClock(500))
    one.start()
    one.put(Message("k", HERE, Reply("starting"), final=False), fresh=True)
    assert chat.waits.wait(20)
    other.start()
    other.put(Message("k", HERE, Reply("done")))
    assert second.kept.wait(20)
    chat.let_go.set()
    for _ in range(2000):
        if chat.shown("k") == ["done"]:
            break
        Event().wait(0.01)
    one.stop()
    other.stop()
    assert (chat.shown("k"), chat.posts) == (["done"], 1)


@pytest.mark.parametrize("stores", each(("postgresql",), {"postgresql": "postgres"}), indirect=True)
def test_what_a_dead_replica_may_have_said_is_looked_for_though_it_is_new_here_too(stores: Stores) -> None:
    """Both took in the same build, and nothing stood under its key then."""
    chat, clock, dead = Slow("nothing"), ScaledClock(500), stores.open()
    said = dead.put_message(Message("k", HERE, Reply("under way"), final=False, at=clock.now()))
    dead.message_begun(said, clock.now() + timedelta(seconds=20))
    chat.post(said)
    other = Outbox(stores.open(), {chat.name: chat}, clock)
    other.start()
    other.put(Message("k", HERE, Reply("done")), fresh=True)
    until(lambda: chat.shown("k") == ["done"], "the end is said")
    until(lambda: stores.opened[0].messages("k")[0].place.message is not None, "it is noted")
    other.stop()
    assert chat.posts == 1


def cut(stores: Stores) -> None:
    """As an administrator, a restart of the server, or a firewall does."""
    with stores.opened[0]._db._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction'"
        )


@pytest.mark.parametrize("kind", ["post", "find"])
@pytest.mark.parametrize("stores", each(("postgresql",), {"postgresql": "postgres"}), indirect=True)
def test_what_one_replica_says_while_it_loses_the_database_no_other_says(stores: Stores, kind: str) -> None:
    chat, clock = Slow(kind), ManualClock()
    one, other = (Outbox(stores.open(), {chat.name: chat}, clock) for _ in range(2))
    one.start()
    one.put(Message("k", HERE, Reply("done")), fresh=kind == "post")
    assert chat.waits.wait(20)
    cut(stores)
    other.start()
    other.put(Message("l", Place("strict", "C1", "a thread"), Reply("something else")), fresh=True)
    until(lambda: bool(chat.shown("l")), "the other one sends there")
    chat.let_go.set()
    if kind == "post":
        until(lambda: bool(chat.shown("k")), "what was begun is said")

    def noted_later() -> bool:
        clock.move(1)
        return stores.opened[0].messages("k")[0].place.message is not None

    until(noted_later, "it is noted")
    one.stop()
    other.stop()
    assert chat.shown("k") == ["done"]
