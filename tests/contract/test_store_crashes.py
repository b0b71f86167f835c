"""Whatever the order of events, and wherever the process dies, the outbox loses nothing and repeats nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.core.model import Message, Place
from bot.store.sql import SqlStore
from tests.contract.store_kit import IMPLEMENTATIONS, Stores
from tests.contract.store_nouns import NOW, SECOND, all_due, message

KEYS = ("a", "b", "child")
CHANNELS = ("C1", "C2")
EXAMPLES = {"sqlite": 60, "postgresql": 15}
_rounds = count()

FINAL = st.integers(0, 9).map(lambda number: number == 9)
EVENTS = ("send", "send", "crash after sending", "retry", "give up", "reopen", "late word")
put = st.tuples(st.just("put"), st.sampled_from(KEYS), st.sampled_from(CHANNELS), st.integers(0, 3), FINAL)
others = st.tuples(st.sampled_from(EVENTS))
steps = st.lists(st.one_of(put, others), max_size=25)


@dataclass
class World:
    """A platform that remembers what it was told, and a bot that may die after each step."""

    stores: Stores
    store: SqlStore
    round: str
    now: datetime = NOW
    wanted: dict[tuple[str, str], Message] = field(default_factory=dict)
    told: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    stands: dict[tuple[str, str], Place] = field(default_factory=dict)
    given_up: dict[tuple[str, str], int] = field(default_factory=dict)
    noted: list[Message] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def put(self, key: str, channel: str, title: int, final: bool) -> None:
        place = Place(self.round, channel)
        parent = f"{self.round}a" if key == "child" else None
        new = replace(message(f"{self.round}{key}", str(title), place=place, final=final), parent=parent)
        before = self.wanted.get((new.key, channel))
        row = self.store.put_message(new)
        if before and before.final and not final:
            assert (row.reply, row.version) == (before.reply, before.version)
        else:
            same = before and (before.reply, before.final) == (new.reply, final)
            assert row.version == (before.version + (not same) if before else 1)
            assert (row.reply, row.final) == (new.reply, final)
        self.wanted[new.key, channel] = row

    def due(self) -> list[Message]:
        self.now += 10 * SECOND
        return all_due(self.store, self.now, self.round)

    def tell(self, sent: Message) -> tuple[Place, bool]:
        """As the sender does it: what already stands under the key is edited."""
        name = (sent.key, sent.place.channel)
        edited = name in self.stands
        place = self.stands.setdefault(name, replace(sent.place, message=str(next(self.numbers))))
        self.told.setdefault(name, []).append(sent.version)
        return place, edited

    def step(self, step: Sequence[object]) -> None:
        match step:
            case ("put", str(key), str(channel), int(title), bool(final)):
                self.put(key, channel, title, final)
            case ("reopen",):
                self.reopen()
            case ("late word",) if self.noted:
                old = self.noted[0]
                self.store.message_sent(old, self.stands[old.key, old.place.channel], edited=True)
            case (str(what),):
                for first in self.due()[:1]:
                    self.deliver(first, what)

    def deliver(self, sent: Message, what: str) -> None:
        if what == "send":
            place, edited = self.tell(sent)
            self.store.message_sent(sent, place, edited=edited)
            self.noted.append(sent)
        elif what == "crash after sending":
            self.tell(sent)
            self.reopen()
            self.told[sent.key, sent.place.channel].pop()
        elif what == "give up":
            self.store.message_failed(sent, None, "no")
            self.given_up[sent.key, sent.place.channel] = sent.version
        elif what == "retry":
            self.store.message_failed(sent, self.now + 5 * SECOND, "later")

    def reopen(self) -> None:
        self.stores.close()
        self.store = self.stores.open()

    def check(self) -> None:
        waits = {(m.key, m.place.channel): m for m in self.due()}
        for name, row in self.wanted.items():
            sent = row.version in self.told.get(name, [])
            if name in waits:
                assert not sent
                assert (waits[name].version, waits[name].reply) == (row.version, row.reply)
            else:
                assert sent or self.given_up.get(name) == row.version or self.orphan(row)
        for versions in self.told.values():
            assert versions == sorted(set(versions)), "a version was sent twice, or an old one after a newer"

    def orphan(self, row: Message) -> bool:
        noted = {(m.key, m.place.channel) for m in self.noted}
        return row.parent is not None and (row.parent, row.place.channel) not in noted


@pytest.mark.fuzz
@pytest.mark.parametrize("stores", IMPLEMENTATIONS, indirect=True)
def test_the_newest_is_sent_or_waits_whatever_happens(stores: Stores) -> None:
    @settings(
        max_examples=EXAMPLES[stores.implementation],
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(steps)
    def holds(script: list[Sequence[object]]) -> None:
        stores.close()
        world = World(stores, stores.open(), f"round{next(_rounds)}-")
        for step in script:
            world.step(step)
            world.check()

    holds()
