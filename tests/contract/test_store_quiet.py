"""The contract of quiet hours: what is kept is told in one digest or by itself, never both and never neither."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from msgspec.structs import replace

from bot.core.model import Message, Place
from bot.core.quiet import LOUD, Quiet
from bot.store import Kept, Store
from tests.contract.store_kit import Stores
from tests.contract.store_nouns import CHANNEL, NOW, SECOND, all_due, message

MORNING = NOW + timedelta(hours=7)
QUIET = Quiet(MORNING, "build:adderservice")
DETAIL = Quiet(MORNING, None)
STANDS = replace(CHANNEL, message="1763640000.000100")
DIGEST = message("digest", "Quiet hours are over", final=True)


def hushed(key: str = "build:1", title: str = "started", quiet: Quiet | None = QUIET, **more: object) -> Message:
    return replace(message(key, title), quiet=quiet, **more)


def waiting(store: Store) -> list[str]:
    return [m.key for m in all_due(store, MORNING)]


def kept(store: Store) -> list[str]:
    return [m.key for m in store.kept_messages(MORNING)]


def stands(store: Store, row: Message) -> None:
    store.message_sent(row, replace(STANDS, message=row.key), edited=False)


def test_what_is_kept_waits_for_the_end_of_its_quiet_hours(stores: Stores) -> None:
    row = stores.open().put_message(hushed())
    other = stores.open()
    assert row == hushed()
    assert (waiting(other), other.next_due("slack")) == ([], None)
    assert other.kept_messages(MORNING - SECOND) == []
    assert other.kept_messages(MORNING) == other.messages("build:1") == [row]


def test_it_is_kept_as_it_stands_last_in_the_order_of_what_moved(store: Store) -> None:
    store.put_message(hushed("a", at=NOW))
    store.put_message(hushed("b", at=NOW + SECOND))
    store.put_message(hushed("a", "failed", at=NOW + 2 * SECOND, final=True))
    assert [(m.key, m.reply.title, m.version) for m in store.kept_messages(MORNING)] == [
        ("b", "started", 1),
        ("a", "failed", 2),
    ]
    assert [m.key for m in store.kept_messages(MORNING, limit=1)] == ["b"]


def test_what_stands_or_waits_already_is_not_kept(store: Store) -> None:
    stands(store, store.put_message(message("standing")))
    store.put_message(message("waiting"))
    for key in ("standing", "waiting"):
        assert store.put_message(hushed(key, "two")).quiet is None
    assert (waiting(store), kept(store)) == (["waiting", "standing"], [])


def test_whoever_leaves_it_open_changes_what_is_kept_and_speaks_of_it_no_sooner(store: Store) -> None:
    store.put_message(hushed())
    assert store.put_message(hushed(title="two", quiet=None)).quiet == QUIET
    assert (waiting(store), kept(store)) == ([], ["build:1"])


def test_what_is_kept_and_becomes_urgent_is_said_at_once_as_it_stands(store: Store) -> None:
    store.put_message(hushed(final=True))
    assert store.put_message(hushed(title="late", quiet=LOUD)).reply.title == "started"
    assert (waiting(store), kept(store)) == (["build:1"], [])


def test_a_longer_quiet_keeps_it_longer(store: Store) -> None:
    store.put_message(hushed())
    store.put_message(hushed(title="two", quiet=replace(QUIET, until=MORNING + SECOND)))
    assert kept(store) == []
    assert len(store.kept_messages(MORNING + SECOND)) == 1


def test_a_digest_tells_what_was_kept_once_and_for_all(stores: Stores) -> None:
    one, other = stores.open(), stores.open()
    told = [one.put_message(hushed("a")), one.put_message(hushed("b"))]
    assert one.tell_together(DIGEST, told, [])
    assert not other.tell_together(message("digest", "again"), told, [])
    assert not other.tell_together(message("another"), told[:1], [])
    assert (waiting(other), kept(other)) == (["digest"], [])
    assert one.put_message(told[0]).version == 1
    assert one.put_message(replace(told[0], quiet=LOUD)).version == 1
    assert waiting(other) == ["digest"]


def test_nothing_is_told_where_one_of_them_moved_on(store: Store) -> None:
    old, other = store.put_message(hushed("a")), store.put_message(hushed("b"))
    store.put_message(hushed("a", "two"))
    assert not store.tell_together(DIGEST, [other, old], [])
    assert not store.tell_together(DIGEST, [other], [old])
    assert (waiting(store), kept(store)) == ([], ["a", "b"])
    store.put_message(hushed("a", quiet=LOUD))
    (now,) = store.messages("a")
    assert not store.tell_together(DIGEST, [now], [])


def test_what_goes_on_waits_by_itself_beside_the_digest(store: Store) -> None:
    told, alone = store.put_message(hushed("a")), store.put_message(hushed("b"))
    assert store.tell_together(DIGEST, [told], [alone])
    assert waiting(store) == ["digest", "b"]
    assert store.tell_together(None, [], [])


def test_what_a_digest_told_and_goes_on_after_it_is_said_by_itself(store: Store) -> None:
    store.tell_together(DIGEST, [store.put_message(hushed())], [])
    assert store.put_message(hushed(title="two", quiet=LOUD)).version == 2
    assert waiting(store) == ["digest", "build:1"]
    (_, row) = all_due(store, NOW)
    stands(store, row)
    assert waiting(store) == ["digest"]


def test_what_a_digest_told_and_goes_on_in_the_next_night_is_kept_again(store: Store) -> None:
    store.tell_together(DIGEST, [store.put_message(hushed())], [])
    store.put_message(hushed(title="two"))
    assert (waiting(store), kept(store)) == (["digest"], ["build:1"])
    assert store.tell_together(message("digest 2"), store.kept_messages(MORNING), [])
    assert (waiting(store), kept(store)) == (["digest", "digest 2"], [])


def test_nobody_is_told_more_of_it_where_that_is_left_open(store: Store) -> None:
    store.tell_together(DIGEST, [store.put_message(hushed())], [])
    assert store.put_message(hushed(title="two", quiet=None)).reply.title == "two"
    assert (waiting(store), kept(store)) == (["digest"], [])
    store.put_message(hushed(title="two", quiet=LOUD))
    assert waiting(store) == ["digest"]
    store.put_message(hushed(title="three", quiet=LOUD))
    assert waiting(store) == ["digest", "build:1"]


def test_what_belongs_under_what_is_kept_is_kept_with_it(store: Store) -> None:
    store.put_message(hushed("tag"))
    order = store.put_message(hushed("order", quiet=None, parent="tag"))
    assert order.quiet == Quiet(MORNING)
    elsewhere = store.put_message(hushed("order", quiet=None, parent="tag", place=Place("slack", "C0OTHER")))
    assert elsewhere.quiet is None


def test_what_is_said_at_once_takes_along_what_it_stands_under(store: Store) -> None:
    store.put_message(hushed("release", quiet=DETAIL))
    store.put_message(hushed("tag", parent="release"))
    store.put_message(hushed("order", quiet=LOUD, parent="tag"))
    for key in ("release", "tag", "order"):
        (row,) = all_due(store, NOW)
        assert row.key == key
        stands(store, row)
    assert (waiting(store), kept(store)) == ([], [])


def test_a_thread_begins_anew_after_its_parent_went_with_a_digest(store: Store) -> None:
    parent = store.put_message(hushed("release", quiet=DETAIL))
    store.tell_together(DIGEST, [parent, store.put_message(hushed("build:1", parent="release"))], [])
    store.put_message(hushed("build:2", quiet=LOUD, parent="release"))
    digest, release = all_due(store, NOW)
    assert (digest.key, release.key) == ("digest", "release")
    stands(store, release)
    build = all_due(store, NOW)[-1]
    assert (build.key, build.place.thread) == ("build:2", "release")


def test_under_what_a_digest_told_nothing_waits_for_ever(store: Store) -> None:
    store.tell_together(DIGEST, [store.put_message(hushed("tag"))], [])
    store.put_message(hushed("order", quiet=None, parent="tag"))
    assert waiting(store) == ["digest", "order"]
    assert kept(store) == []


def test_what_is_kept_is_not_cleared_away_and_what_was_told_is(store: Store) -> None:
    store.put_message(hushed("a", at=NOW))
    store.put_message(hushed("b", at=NOW))
    store.tell_together(None, [m for m in store.kept_messages(MORNING) if m.key == "a"], [])
    assert store.forget(Kept.MESSAGES, MORNING) == 1
    assert kept(store) == ["b"]


def test_of_replicas_that_tell_it_at_once_one_does(stores: Stores) -> None:
    """While others go on to speak under what they tell."""
    one = stores.open()
    replicas = [stores.open() for _ in range(4)]
    for number in range(20):
        parent = one.put_message(hushed(f"release {number}", quiet=DETAIL))
        told = [parent, one.put_message(hushed(f"build {number}", parent=parent.key))]
        loud = hushed(f"loud {number}", quiet=LOUD, parent=parent.key)
        with ThreadPoolExecutor(5) as pool:
            speaks = pool.submit(one.put_message, loud)
            tries = [pool.submit(r.tell_together, message(f"digest {number}"), told, []) for r in replicas]
            assert sum(each.result(30) for each in tries) <= 1
            assert speaks.result(30).quiet is None
        assert f"release {number}" in waiting(one)
