"""The outbox's contract: the newest content of every key stands, or waits, or was given up. Never twice the same."""

from msgspec.structs import replace

from bot.core.model import Message, Place, Tone
from bot.store import Backlog, Store
from tests.contract.store_nouns import CHANNEL, NOW, SECOND, all_due, message, reply

STANDS = replace(CHANNEL, message="1763640000.000100")
OTHER = Place("slack", "C0OTHER")


def waiting(store: Store, seconds: int = 0) -> list[tuple[str, int]]:
    return [(m.key, m.version) for m in all_due(store, NOW + seconds * SECOND)]


def send(store: Store, sent: Message, place: Place = STANDS, *, edited: bool = False) -> Message:
    store.message_sent(sent, place, edited=edited)
    (row,) = store.messages(sent.key)
    return row


def test_a_message_waits_as_it_was_put(store: Store) -> None:
    row = store.put_message(message())
    assert row == message()
    assert all_due(store, NOW) == store.messages("order:1") == [row]


def test_the_same_content_is_no_new_version(store: Store) -> None:
    assert store.put_message(message()) == store.put_message(message())
    send(store, message())
    assert store.put_message(message()).version == 1
    assert waiting(store) == []


def test_a_newer_version_replaces_the_unsent_one_in_its_turn(store: Store) -> None:
    store.put_message(message("a", "one"))
    store.put_message(message("b", "one"))
    assert store.put_message(message("a", "two")).version == 2
    assert [(m.key, m.reply) for m in all_due(store, NOW)] == [
        ("a", reply("two")),
        ("b", reply("one")),
    ]


def test_being_final_is_content(store: Store) -> None:
    send(store, store.put_message(message()))
    assert store.put_message(message(final=True)).version == 2
    assert waiting(store) == [("order:1", 2)]


def test_a_final_message_is_not_reopened_but_may_be_corrected(store: Store) -> None:
    final = store.put_message(message(title="done", final=True))
    assert store.put_message(message(title="4 of 6 ready")) == final
    corrected = store.put_message(message(title="failed", final=True))
    assert (corrected.version, corrected.reply) == (2, reply("failed"))


def test_what_was_sent_stands_and_waits_no_more(store: Store) -> None:
    row = send(store, store.put_message(message()))
    assert (row.place, row.edits) == (STANDS, 0)
    assert waiting(store) == []
    assert store.next_due("slack") is None


def test_what_the_platform_put_beside_it_is_kept_with_its_place(store: Store) -> None:
    beside = replace(STANDS, beside="card-1")
    assert send(store, store.put_message(message()), beside).place == beside
    row = send(store, store.put_message(message(title="two")), edited=True)
    assert (row.place, row.edits) == (STANDS, 1)


def test_an_edit_is_counted_and_another_post_begins_anew(store: Store) -> None:
    send(store, store.put_message(message(title="one")))
    row = send(store, store.put_message(message(title="two")), edited=True)
    assert (row.edits, row.version) == (1, 2)
    row = send(store, store.put_message(message(title="three")), replace(STANDS, message="2"), edited=False)
    assert (row.edits, row.place.message) == (0, "2")


def test_a_version_that_was_overtaken_leaves_the_newer_waiting(store: Store) -> None:
    old = store.put_message(message(title="one"))
    store.put_message(message(title="two"))
    assert send(store, old).place == STANDS
    (newer,) = all_due(store, NOW)
    assert (newer.version, newer.place) == (2, STANDS)


def test_word_of_an_older_version_that_comes_late_changes_nothing(store: Store) -> None:
    old = store.put_message(message(title="one"))
    row = send(store, store.put_message(message(title="two")))
    assert send(store, old, replace(STANDS, message="late")) == row
    store.message_failed(old, None, "late")
    assert store.messages("order:1") == [row]


def test_one_key_in_two_channels_is_two_rows(store: Store) -> None:
    here, there = message(), message(place=OTHER)
    store.put_message(here)
    store.put_message(there)
    store.message_sent(here, STANDS, edited=False)
    assert {m.place for m in store.messages("order:1")} == {STANDS, OTHER}
    assert [m.place for m in all_due(store, NOW)] == [OTHER]


def test_one_key_in_two_threads_of_a_channel_is_one_row_where_it_was_put_first(store: Store) -> None:
    threaded = replace(CHANNEL, thread="1")
    store.put_message(message(place=threaded))
    row = store.put_message(message(title="two", place=replace(CHANNEL, thread="2")))
    assert (row.place, row.version) == (threaded, 2)


def test_a_message_that_ended_in_another_channel_goes_by_both_names(store: Store) -> None:
    """A person's name goes in, the channel with that person comes out."""
    person, talk = Place("slack", "U012AB3CD"), Place("slack", "D024BE91L", message="1")
    send(store, store.put_message(message(title="one", place=person)), talk)
    assert store.put_message(message(title="two", place=person)).place == talk
    row = store.put_message(message(title="three", place=talk))
    assert (row.version, send(store, row, talk, edited=True).edits) == (3, 1)


def test_platforms_wait_apart(store: Store) -> None:
    store.put_message(message(place=Place("webex", "room")))
    assert waiting(store) == []
    assert store.next_due("slack") is None
    assert store.next_due("webex") is not None


def test_a_failure_waits_for_its_time_and_counts_attempts(store: Store) -> None:
    row = store.put_message(message())
    store.message_failed(row, NOW + 5 * SECOND, "429")
    assert waiting(store, 4) == []
    assert store.next_due("slack") == NOW + 5 * SECOND
    (again,) = all_due(store, NOW + 5 * SECOND)
    assert again.attempts == 1
    assert send(store, again).attempts == 0


def test_a_newer_version_waits_out_the_retry(store: Store) -> None:
    store.message_failed(store.put_message(message(title="one")), NOW + 5 * SECOND, "429")
    store.put_message(message(title="two"))
    assert waiting(store, 4) == []
    assert waiting(store, 5) == [("order:1", 2)]


def test_what_was_given_up_stays_so_until_there_is_something_newer(store: Store) -> None:
    row = store.put_message(message(title="one"))
    store.message_failed(row, None, "channel_not_found")
    store.put_message(message(title="one"))
    assert waiting(store, 999) == []
    assert store.next_due("slack") is None
    assert store.put_message(message(title="two")).attempts == 0
    assert waiting(store) == [("order:1", 2)]


def test_giving_up_an_older_version_leaves_the_newer_waiting(store: Store) -> None:
    old = store.put_message(message(title="one"))
    store.put_message(message(title="two"))
    store.message_failed(old, None, "too long")
    assert waiting(store) == [("order:1", 2)]


def test_under_a_parent_nothing_waits_until_the_parent_stands(store: Store) -> None:
    child = replace(message("child"), parent="parent")
    store.put_message(child)
    store.put_message(message("parent", place=OTHER))
    assert waiting(store) == [("parent", 1)]
    store.put_message(message("parent"))
    send_in = {m.place.channel: m for m in all_due(store, NOW)}
    store.message_sent(send_in[CHANNEL.channel], STANDS, edited=False)
    due = {m.key: m for m in all_due(store, NOW)}
    assert due["child"].place == replace(CHANNEL, thread=STANDS.message)


def test_a_child_goes_to_the_thread_its_parent_is_in(store: Store) -> None:
    store.put_message(message("parent"))
    store.put_message(replace(message("child"), parent="parent"))
    store.message_sent(message("parent"), replace(STANDS, thread="top"), edited=False)
    assert [m.place.thread for m in all_due(store, NOW)] == ["top"]


def test_a_parent_that_was_given_up_keeps_its_children_back(store: Store) -> None:
    store.put_message(replace(message("child"), parent="parent"))
    store.message_failed(store.put_message(message("parent")), None, "not in channel")
    assert waiting(store, 999) == []
    assert store.next_due("slack") is None


def test_no_post_overtakes_one_that_waits_in_the_same_place(store: Store) -> None:
    store.message_failed(store.put_message(message("a")), NOW + 5 * SECOND, "429")
    store.put_message(message("b"))
    store.put_message(message("elsewhere", place=OTHER))
    store.put_message(message("threaded", place=replace(CHANNEL, thread="1")))
    assert waiting(store, 4) == [("elsewhere", 1), ("threaded", 1)]
    assert waiting(store, 5) == [("a", 1), ("b", 1), ("threaded", 1), ("elsewhere", 1)]


def test_an_edit_need_not_wait_for_a_post(store: Store) -> None:
    send(store, store.put_message(message("live", "one")))
    store.message_failed(store.put_message(message("a")), NOW + 5 * SECOND, "429")
    store.put_message(message("live", "two"))
    assert waiting(store) == [("live", 2)]


def test_who_looks_past_what_is_due_already_is_told_what_becomes_due_later(store: Store) -> None:
    store.put_message(message("a", place=OTHER))
    assert store.next_due("slack", after=NOW) is None
    store.message_failed(store.put_message(message("b")), NOW + 5 * SECOND, "429")
    assert store.next_due("slack", after=NOW) == NOW + 5 * SECOND
    assert store.next_due("slack", after=NOW + 5 * SECOND) is None


def test_the_next_one_due_is_not_one_that_is_held_back(store: Store) -> None:
    """Otherwise the sender would ask in a circle until the first may go."""
    store.message_failed(store.put_message(message("a")), NOW + 5 * SECOND, "429")
    store.put_message(message("b"))
    assert store.next_due("slack") == NOW + 5 * SECOND
    store.message_failed(message("a"), None, "gone")
    due = store.next_due("slack")
    assert due is not None
    assert due <= NOW
    assert waiting(store) == [("b", 1)]


def test_no_more_are_handed_out_than_asked_for(store: Store) -> None:
    for key in ("c", "a", "b"):
        store.put_message(message(key))
    assert [m.key for m in store.waiting_messages("slack", CHANNEL.channel, NOW, limit=2)] == ["c", "a"]


def test_content_is_compared_by_what_it_says(store: Store) -> None:
    table = reply().table
    assert table is not None
    one = replace(reply(), table=replace(table, numeric=frozenset({"ready", "age"})))
    two = replace(reply(), table=replace(table, numeric=frozenset({"age", "ready"})))
    store.put_message(replace(message(), reply=one))
    assert store.put_message(replace(message(), reply=two)).version == 1
    assert store.put_message(replace(message(), reply=replace(one, tone=Tone.BAD))).version == 2


def test_what_stands_is_handed_over_to_another_key_with_what_is_beneath_it(store: Store) -> None:
    send(store, store.put_message(message("build")))
    store.put_message(replace(message("call"), parent="build"))
    store.put_message(replace(message("far", place=OTHER), parent="build"))
    assert store.hand_over("build", "release", STANDS)
    assert store.messages("build") == []
    (row,) = store.messages("release")
    assert (row.place, row.version, row.parent) == (STANDS, 1, None)
    assert [(m.key, m.place.thread) for m in all_due(store, NOW)] == [("call", STANDS.message)]
    assert not store.hand_over("build", "release", STANDS)
    assert store.put_message(message("release", "built")).version == 2
    assert send(store, replace(message("release", "built"), version=2), edited=True).edits == 1


def test_nothing_is_handed_over_that_moves_is_final_or_is_there_already(store: Store) -> None:
    unsent, sent = store.put_message(message("build")), message("build")
    assert not store.hand_over("build", "release", STANDS)
    send(store, unsent)
    store.put_message(message("build", "newer"))
    assert not store.hand_over("build", "release", STANDS)
    send(store, replace(sent, version=2))
    store.put_message(message("release"))
    assert not store.hand_over("build", "release", STANDS)
    assert not store.hand_over("build", "elsewhere", OTHER)
    store.put_message(message("build", final=True))
    send(store, replace(sent, version=3))
    assert not store.hand_over("build", "another", STANDS)


def test_what_is_late_is_counted_and_since_when(store: Store) -> None:
    """What waits for its turn, or for what it is to stand under, is not; what failed is, whenever it is tried again."""
    assert store.backlog("slack", NOW) == Backlog()
    first = store.put_message(replace(message("a"), at=NOW - 60 * SECOND))
    second = store.put_message(replace(message("b", place=OTHER), at=NOW - 90 * SECOND))
    store.put_message(replace(message("beneath"), parent="a", at=NOW - 90 * SECOND))
    assert store.backlog("slack", NOW) == Backlog(2, NOW - 90 * SECOND)
    assert store.backlog("webex", NOW) == Backlog()
    store.message_later(second, NOW + SECOND)
    store.message_failed(first, NOW + 300 * SECOND, "away")
    assert store.backlog("slack", NOW) == Backlog(1, NOW - 60 * SECOND)
    assert store.backlog("slack", NOW + SECOND).messages == 2
    store.message_failed(first, None, "no such channel")
    send(store, second, replace(OTHER, message="2"))
    assert store.backlog("slack", NOW + SECOND) == Backlog()
