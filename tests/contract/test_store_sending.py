"""Two replicas on one database and one chat: what is said is said once, the newest last."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from typing import Any, cast

import pytest

from bot.clock import ScaledClock
from bot.core.model import Message, Place, Reply
from bot.engine.outbox import Outbox
from bot.store import Store
from bot.store.sql import SqlStore
from tests.contract.store_kit import Stores
from tests.servers.require import each
from tests.unit.strict import StrictPlatform

HERE = Place("strict", "C1")


class Slow(StrictPlatform):
    """Its posts take until they are let go."""

    def __init__(self) -> None:
        super().__init__()
        self.posting, self.let_go, self.posts = Event(), Event(), 0

    def post(self, message: Message) -> Place:
        self.posts += 1
        self.posting.set()
        assert self.let_go.wait(20)
        return super().post(message)


class Second:
    """The store of the second replica, which tells when it was kept from sending."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store
        self.kept = Event()

    @contextmanager
    def sending(self, platform: str, channel: str) -> Iterator[bool]:
        with self._store.sending(platform, channel) as alone:
            if not alone:
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
    other.start()
    one.put(Message("k", HERE, Reply("starting"), final=False), fresh=True)
    assert chat.posting.wait(20)
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
