"""Several processes on one store: what one of them was at when it ended falls to the one that leads, and only that."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any, cast

import pytest
from msgspec import structs

from bot.core.asking import WAITING
from bot.core.audit import entry_of
from bot.core.errors import Unavailable
from bot.core.model import CONSOLE, Change, Message, Order, Place, Reply, Request, Words
from bot.engine.leader import Leader
from bot.engine.outbox import Outbox
from bot.engine.presence import Presence
from bot.engine.recover import Recovery
from bot.ports import Command, Ports
from bot.store import Store
from bot.store.sql import SqlStore
from commands import restart
from tests.contract.cluster_kit import ManualClock
from tests.contract.store_nouns import build
from tests.unit.away import Away, Flaky, about, stand_on
from tests.unit.talk import DEV, LEAD, OPERATOR, Talk, talking

WEBAPP = ("staging", "micro-staging", "webapp")


def order(bot: Talk, identity: str, text: str = "restart webapp in staging") -> Order:
    request = Request(identity, OPERATOR, Place(CONSOLE, CONSOLE), text, bot.parts.clock.now())
    words = Words("restart", {"service": "webapp", "environment": "staging"})
    return Order(request, "restart", words, "webapp", "staging")


@contextmanager
def second(bot: Talk) -> Iterator[Talk]:
    """Another replica on the same store and cluster, in the same room."""
    other = Talk(bot.parts, bot.room, bot.commands, lead=True)
    other.bot.start()
    try:
        yield other
    finally:
        other.bot.stop()


class Slow:
    """An order that looks at something for as long as the test wants."""

    def __init__(self) -> None:
        self.begun, self.go_on = Event(), Event()
        examples = ("slowly webapp",)
        self.command = replace(
            restart.COMMAND, usage="slowly <service> [in <environment>]", examples=examples, plan=self._plan
        )

    def _plan(self, ports: Ports, order: Order) -> Change | Reply:
        self.begun.set()
        assert self.go_on.wait(30)
        return restart.COMMAND.plan(ports, order)


@pytest.fixture
def slow() -> Slow:
    return Slow()


def commands(slow: Slow) -> dict[str, Command]:
    return {"slowly": slow.command}


def test_what_a_replica_was_at_when_it_died_is_told_by_the_one_that_leads(bot: Talk) -> None:
    now = bot.parts.clock.now()
    bot.store.live("died", now, now + timedelta(seconds=3))
    bot.store.open_order(order(bot, "cut-off"), "died")
    assert bot.answer("order:cut-off").title == "restart webapp in staging · not carried out"
    bot.pass_time(lambda: not bot.store.open_orders())


def test_what_a_living_replica_is_at_is_not_called_cut_off_by_the_next_leader(tmp_path: Path, slow: Slow) -> None:
    with talking(tmp_path, commands=commands(slow)) as bot, second(bot) as other:
        other.bot.dispatcher.receive(order(bot, "slow", "slowly webapp in staging").request)
        assert slow.begun.wait(30)
        bot.bot.stop()
        bot.store.open_order(order(bot, "cut-off"), "died")
        other.pass_time(lambda: other.titles("order:cut-off") == ["restart webapp in staging · not carried out"])
        slow.go_on.set()
        other.pass_time(lambda: other.titles("order:slow") == ["webapp restart in staging · done"])


def test_what_was_told_as_cut_off_is_not_done_by_a_process_that_was_only_frozen(tmp_path: Path, slow: Slow) -> None:
    with talking(tmp_path, lead=False, commands=commands(slow)) as bot:
        before = bot.cluster.find(*WEBAPP).generation
        bot.bot.dispatcher.receive(order(bot, "slow", "slowly webapp in staging").request)
        assert slow.begun.wait(30)
        much_later = bot.parts.clock.now() + timedelta(hours=1)
        bot.store.live("another", much_later, much_later + timedelta(hours=1))
        assert bot.store.hold_order("order:slow", "another", much_later)
        slow.go_on.set()
        reply = bot.answer("order:slow")
        assert (reply.title, reply.code) == ("It was given up meanwhile.", "refused")
        assert "Nothing was changed." in reply.body
        assert bot.cluster.find(*WEBAPP).generation == before


def test_an_order_that_was_told_and_not_noted_keeps_what_was_told(bot: Talk) -> None:
    bot.bot.stop()
    cut = order(bot, "told")
    bot.store.open_order(cut, "died")
    bot.store.put_message(Message(cut.key, cut.request.place, Reply("No.")))
    bot.restart()
    bot.pass_time(lambda: not bot.store.open_orders())
    assert bot.answer("order:told").title == "No."


def test_a_rollout_that_ended_and_was_not_told_gets_its_verdict(bot: Talk) -> None:
    bot.say("restart webapp in staging")
    bot.bot.stop()
    ended = bot.store.recent_rollouts(bot.cluster.find(*WEBAPP).target)[0]
    bot.store.open_order(order(bot, "untold"), "died")
    bot.store.save_rollout(structs.replace(ended, key=f"{ended.key}0", order="order:untold"))
    bot.restart()
    assert bot.answer("order:untold").title == "webapp restart in staging · done"
    bot.pass_time(lambda: not bot.store.open_orders())


def test_what_was_overtaken_before_anybody_saw_its_rollout_is_told(bot: Talk) -> None:
    """Applied by a process that lives, and changed again in the same moment."""
    now = bot.parts.clock.now()
    bot.store.live("another", now, now + timedelta(days=1))
    first = order(bot, "overtaken")
    change = restart.COMMAND.plan(bot.bot.ports, first)
    assert isinstance(change, Change)
    assert bot.store.open_order(first, "another")
    bot.store.save_change(change)
    bot.store.record(entry_of(first, change, bot.parts.clock.now(), "tests", "applied"))
    assert bot.say("restart webapp in staging").title == "webapp restart in staging · done"
    assert bot.answer(first.key).title == "webapp restart in staging · superseded by a newer one"
    bot.pass_time(lambda: not bot.store.open_orders())


class Paused:
    """A store whose first call of one kind waits for the test."""

    def __init__(self, store: Store, call: str) -> None:
        self._store, self._call = store, call
        self.reached, self.go_on = Event(), Event()

    def __getattr__(self, name: str) -> Any:
        if name == self._call and not self.reached.is_set():
            self.reached.set()
            assert self.go_on.wait(30)
        return getattr(self._store, name)


def test_what_two_replicas_know_as_applied_stands_in_the_audit_once(tmp_path: Path) -> None:
    """The one that carried it out stood still before it wrote that, for so long that the leader took it for gone."""
    with talking(tmp_path, lead=False) as bot:
        store = Paused(bot.store, "record")
        stand_on(bot, store)
        key = bot.begin("restart webapp in staging")
        assert store.reached.wait(30)
        clock = ManualClock()
        clock.move((bot.parts.clock.now() + timedelta(hours=1) - clock.now()).total_seconds())
        leader = replace(bot.bot.ports, store=bot.store, clock=clock, replica="leader")
        Recovery(leader, Outbox(bot.store, {}, clock), lambda _order: None).look()
        store.go_on.set()
        assert bot.answer(key).title == "webapp restart in staging · done"
        bot.pass_time(lambda: not bot.store.open_orders())
        bot.bot.stop()
        assert [entry.rule for entry in bot.store.audit(outcomes=["applied"])] == ["found applied after a restart"]


class Between:
    """A store in which something happens right before it is asked which orders were cut off."""

    def __init__(self, store: Store, happens: Callable[[], object]) -> None:
        self._store, self._happens = store, happens

    def __getattr__(self, name: str) -> Any:
        if name == "cut_off_orders":
            self._happens()
        return getattr(self._store, name)


def test_what_begins_to_wait_for_people_in_that_moment_is_not_called_cut_off(tmp_path: Path) -> None:
    agreed = ", approvals: {count: 1, role: releasers, expire: 7d}"
    people = 'roles: {releasers: {verbs: ["*"], people: [dev1@example.com, lead@example.com]}}'
    with talking(tmp_path, lead=False, more=people, production=agreed) as bot:
        asked: list[str] = []

        def ask() -> None:
            asked.append(bot.begin("restart webapp in production", DEV))
            bot.until(lambda: bot.shown(asked[0]).code in WAITING)

        leader = replace(bot.bot.ports, store=cast(Store, Between(bot.store, ask)), replica="leader")
        Recovery(leader, Outbox(bot.store, {}, bot.parts.clock), lambda _order: None).look()
        assert bot.store.open_orders()[0][0].key == asked[0]
        assert bot.say("approve 1", LEAD).title == "webapp restart in production approved"
        assert bot.answer(asked[0]).title == "webapp restart in production · done"


def test_a_build_that_a_replica_took_in_before_it_died_is_told(bot: Talk) -> None:
    bot.store.save_build(build())
    bot.pass_time(lambda: not bot.store.untold_builds())


def test_who_cannot_take_over_all_of_it_tries_again(bot: Talk) -> None:
    tried: list[str] = []

    def take() -> None:
        tried.append("take")
        if len(tried) == 1:
            raise Unavailable("The store is busy.")

    bot.bot.stop()
    leader = Leader(bot.store, bot.parts.clock, "me", take, partial(tried.append, "let go"))
    leader.start()
    try:
        bot.pass_time(lambda: leader.leading)
    finally:
        leader.stop()
    assert tried[:3] == ["take", "let go", "take"]


def test_a_store_that_cannot_be_written_is_named_until_it_can(bot: Talk, tmp_path: Path) -> None:
    file = tmp_path / "broken.db"
    file.write_bytes(b"this is no database" * 1000)
    broken = SqlStore(f"sqlite:///{file}")
    presence = Presence(replace(bot.bot.ports, store=broken))
    presence.start()
    try:
        assert presence.trouble == "The file of the store is not a database."
        file.unlink()
        broken.migrate()
        bot.pass_time(lambda: presence.trouble is None)
    finally:
        presence.stop()
        broken.close()


@pytest.mark.parametrize("call", ["freezes", "open_orders"])
def test_a_rollout_that_came_to_its_end_while_the_store_was_away_is_told(bot: Talk, call: str) -> None:
    """It was under way at first sight, which nobody remembers but we."""
    bot.push("webapp", "slow-20")
    bot.bot.stop()
    bot.cluster.kubectl_set_image("micro", "webapp", "registry.local:5000/webapp:slow-20")
    store = Away(bot.parts.store, call, lambda: bot.cluster.find("production", "micro", "webapp").updated_ready != 4)
    stand_on(bot, store)
    bot.until(lambda: any(m.reply.title == "webapp → slow-20 in production · done" for m in bot.messages()))


@pytest.mark.parametrize("call", ["save_rollout", "freezes", "put_message"])
def test_a_rollout_gets_its_verdict_though_the_store_was_away(bot: Talk, call: str) -> None:
    store = Flaky(bot.store, call, 3, about("rollout:"))
    stand_on(bot, store)
    bot.cluster.kubectl_set_image("micro", "webapp", "registry.local:5000/webapp:9ab01de")
    bot.until(lambda: any(m.reply.title == "webapp → 9ab01de in production · done" for m in bot.messages()))
    assert len([m for m in bot.messages() if "webapp → 9ab01de" in m.reply.title]) == 1
    assert store.refused == 3
