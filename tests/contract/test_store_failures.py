"""What the store says when its database does not do what it should: our errors, never the vendor's."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.core.errors import Invalid, QuarterdeckError, Refused, Unavailable
from bot.core.events import TagFound
from bot.store import Kept, Store
from bot.store.sql import SqlStore
from tests.contract.store_kit import Stores
from tests.contract.store_nouns import (
    CHANNEL,
    DEV,
    IMAGE,
    NOW,
    TARGET,
    alert_group,
    ask,
    build,
    change,
    commit,
    entry,
    freeze,
    incident,
    lock,
    message,
    order,
    outage,
    release,
    reminder,
    request,
    rollout,
    schedule,
    storm,
)

EVERY_CALL: dict[str, Callable[[Store], object]] = {
    "claim_request": lambda s: s.claim_request(request()),
    "open_order": lambda s: s.open_order(order(), "a"),
    "save_change": lambda s: s.save_change(change()),
    "order": lambda s: s.order("order:1"),
    "close_order": lambda s: s.close_order("order:1", "done"),
    "open_orders": lambda s: s.open_orders(),
    "hold_order": lambda s: s.hold_order("order:1", "a", NOW),
    "cut_off_orders": lambda s: s.cut_off_orders("a", NOW),
    "forget": lambda s: s.forget(Kept.REQUESTS, NOW),
    "put_message": lambda s: s.put_message(message()),
    "waiting_channels": lambda s: s.waiting_channels("slack", NOW),
    "waiting_messages": lambda s: s.waiting_messages("slack", "C0", NOW),
    "message_sent": lambda s: s.message_sent(message(), CHANNEL, edited=False),
    "message_failed": lambda s: s.message_failed(message(), None, "why"),
    "hand_over": lambda s: s.hand_over("k", "l", CHANNEL),
    "message_later": lambda s: s.message_later(message(), NOW),
    "messages": lambda s: s.messages("order:1"),
    "kept_messages": lambda s: s.kept_messages(NOW),
    "tell_together": lambda s: s.tell_together(message(), [message("a")], [message("b")]),
    "next_due": lambda s: s.next_due("slack"),
    "backlog": lambda s: s.backlog("slack", NOW),
    "save_rollout": lambda s: s.save_rollout(rollout()),
    "rollout": lambda s: s.rollout("a"),
    "open_rollouts": lambda s: s.open_rollouts(),
    "untold_rollouts": lambda s: s.untold_rollouts(),
    "rollouts_of": lambda s: s.rollouts_of("order:1"),
    "recent_rollouts": lambda s: s.recent_rollouts(TARGET),
    "rollouts_since": lambda s: s.rollouts_since(NOW, "a", "b"),
    "proven": lambda s: s.proven(TARGET, "d"),
    "save_storm": lambda s: s.save_storm(storm(), ["a"]),
    "open_storms": lambda s: s.open_storms(),
    "storms_of": lambda s: s.storms_of("a"),
    "rollouts_in": lambda s: s.rollouts_in("a"),
    "take_lock": lambda s: s.take_lock(lock()),
    "release_lock": lambda s: s.release_lock("a", "b"),
    "locks": lambda s: s.locks(),
    "freeze": lambda s: s.freeze(freeze()),
    "unfreeze": lambda s: s.unfreeze("a"),
    "freezes": lambda s: s.freezes(),
    "guards": lambda s: s.guards(),
    "ask": lambda s: s.ask(ask()),
    "asked": lambda s: s.asked(1),
    "open_asks": lambda s: s.open_asks(),
    "agree": lambda s: s.agree(1, DEV),
    "agreed": lambda s: s.agreed(1),
    "settle": lambda s: s.settle(ask(), "approved", "a"),
    "claim": lambda s: s.claim("a", "b", NOW, NOW),
    "unclaim": lambda s: s.unclaim("a", "b"),
    "record": lambda s: s.record(entry()),
    "audit": lambda s: s.audit(),
    "audit_records": lambda s: list(s.audit_records()),
    "audit_head": lambda s: s.audit_head(),
    "check_audit": lambda s: s.check_audit(),
    "save_build": lambda s: s.save_build(build()),
    "builds": lambda s: s.builds(["a*"]),
    "untold_builds": lambda s: s.untold_builds(),
    "build_told": lambda s: s.build_told(build()),
    "announce_once": lambda s: s.announce_once("a", NOW),
    "tags_seen": lambda s: s.tags_seen("a"),
    "save_outage": lambda s: s.save_outage(outage()),
    "outages": lambda s: s.outages(),
    "put_off": lambda s: s.put_off(TagFound("a", IMAGE), "b"),
    "waiting_deploys": lambda s: s.waiting_deploys(),
    "taken_up": lambda s: s.taken_up(TagFound("a", IMAGE), "b"),
    "save_tags": lambda s: s.save_tags("a", {}),
    "save_incident": lambda s: s.save_incident(incident()),
    "open_incidents": lambda s: s.open_incidents(),
    "merge_alerts": lambda s: s.merge_alerts(alert_group()),
    "firing_alerts": lambda s: s.firing_alerts(),
    "remind": lambda s: s.remind(reminder()),
    "reminders": lambda s: s.reminders(),
    "forget_reminder": lambda s: s.forget_reminder(reminder()),
    "add_schedule": lambda s: s.add_schedule(schedule()),
    "schedules": lambda s: s.schedules(),
    "move_schedule": lambda s: s.move_schedule(schedule(), None),
    "remove_schedule": lambda s: s.remove_schedule(1),
    "read_book": lambda s: s.read_book("a", ["b"]),
    "write_book": lambda s: s.write_book("a", 0, [release()]),
    "releases": lambda s: s.releases("a"),
    "services_of": lambda s: s.services_of("a"),
    "save_commit": lambda s: s.save_commit(commit()),
    "commits": lambda s: s.commits("3f2a91c"),
    "lead": lambda s: s.lead("a", NOW, NOW),
    "led_until": lambda s: s.led_until(),
    "resign": lambda s: s.resign("a"),
    "live": lambda s: s.live("a", NOW, NOW),
    "end": lambda s: s.end("a"),
    "migrate": lambda s: s.migrate(),
}


def test_every_call_of_the_port_is_tried_here() -> None:
    calls = {name for part in Store.__mro__ for name in vars(part) if callable(vars(part)[name]) and name[0] != "_"}
    assert set(EVERY_CALL) == calls - {"close", "sending", "message_begun"}


def test_no_concern_hides_a_name_of_another() -> None:
    names = [name for part in SqlStore.__bases__ for name in vars(part) if not name.startswith("__")]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("call", EVERY_CALL)
def test_no_vendor_error_leaks_from_a_file_that_is_no_database(tmp_path: Path, call: str) -> None:
    file = tmp_path / "quarterdeck.db"
    file.write_bytes(b"this is not a database, it only lies where one should be" * 20)
    store = SqlStore(f"sqlite:///{file}")
    with pytest.raises(Unavailable, match="not a database"):
        EVERY_CALL[call](store)
    store.close()


@pytest.mark.parametrize("call", EVERY_CALL)
def test_no_vendor_error_leaks_from_a_server_that_is_not_there(tmp_path: Path, call: str) -> None:
    store = SqlStore(f"postgresql+psycopg://bot:hunter2@/quarterdeck?host={tmp_path}")
    with pytest.raises(Unavailable) as caught:
        EVERY_CALL[call](store)
    assert caught.value.sentence == "The store does not answer."
    store.close()


def test_a_store_without_a_schema_says_so(stores: Stores) -> None:
    stores.empty()
    store = SqlStore(stores.url)
    stores.opened.append(store)
    with pytest.raises(Unavailable, match="has not been set up"):
        store.locks()


def test_an_unfinished_write_leaves_nothing(stores: Stores) -> None:
    store = stores.open()
    with pytest.raises((QuarterdeckError, TypeError)):
        store.take_lock(lock(at=NOW.replace(tzinfo=None), service=None))  # type: ignore[arg-type]
    assert store.locks() == []


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable, match="folder") as caught:
        SqlStore(f"sqlite:///{tmp_path}/file/data/quarterdeck.db").migrate()
    assert str(tmp_path) in caught.value.fact


def test_text_that_postgresql_cannot_hold_is_refused(stores: Stores) -> None:
    if stores.implementation == "postgresql":
        with pytest.raises(Invalid):
            stores.open().announce_once("a\0b", NOW)


def test_a_lost_connection_is_made_anew(stores: Stores) -> None:
    """The database was restarted, or a firewall forgot us: the next call works again."""
    store = stores.open()
    store.announce_once("a", NOW)
    store.close()
    assert not store.announce_once("a", NOW)


@pytest.mark.parametrize(
    "url", ["", "nonsense", "mysql://bot:hunter2@host/db", "sqlite3:///a.db", "postgresql+asyncpg://a"]
)
def test_an_address_that_is_none_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(Refused) as caught:
        SqlStore(url)
    assert "hunter2" not in f"{caught.value.sentence} {caught.value.fact} {caught.value.hint}"


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_store_in_memory_is_refused(url: str) -> None:
    with pytest.raises(Refused, match="needs a file"):
        SqlStore(url)
