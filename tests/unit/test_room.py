"""The room holds what was said, tells whoever listens, and forgets the oldest first."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from bot.chat.console.entry import Entry, veil
from bot.chat.console.feed import Feed
from bot.chat.console.room import Room
from bot.core.errors import Busy, NotFound, Unavailable
from bot.core.model import Message, Place, Reply, Request, Table, Who

WHO = Who(platform="console", id="oncall", name="oncall")
HERE = Place("console", "console")


class StillClock:
    def now(self) -> datetime:
        return datetime(2026, 11, 3, 14, 32, tzinfo=UTC)

    def real(self, seconds: float) -> float:
        return seconds


def open_room(limit: int = 500) -> tuple[Room, list[Request]]:
    room, received = Room(StillClock(), limit), list[Request]()
    room.start(received.append)
    return room, received


def say(room: Room, key: str, title: str = "", *, final: bool = True, thread: str | None = None) -> Place:
    return room.post(Message(key, Place("console", "console", thread), Reply(title or key), final=final))


def titles(room: Room) -> list[str]:
    return [entry.message.reply.title for entry in room.entries()]


def test_an_order_stands_in_the_room_and_is_handed_over_with_an_id_of_its_own() -> None:
    room, received = open_room()
    one, two = room.say("status", WHO), room.say("status", WHO)
    assert received == [one, two]
    assert one.id != two.id
    assert titles(room) == ["status", "status"]
    assert room.entries()[0].who == WHO


def test_a_refusal_to_take_an_order_is_answered_in_the_room_and_raised() -> None:
    room, _ = open_room()

    def full(request: Request) -> None:
        raise Busy("50 orders are waiting.")

    room.start(full)
    with pytest.raises(Busy):
        room.say("status", WHO)
    assert titles(room) == ["status", "50 orders are waiting."]
    assert room.entries()[1].message.reply.code == "busy"


def test_before_start_and_after_stop_no_order_is_taken() -> None:
    room = Room(StillClock())
    assert room.healthy()
    with pytest.raises(Unavailable):
        room.say("status", WHO)
    room.start(lambda request: None)
    assert room.healthy() is None
    room.stop()
    with pytest.raises(Unavailable):
        room.say("status", WHO)


def test_an_edit_changes_the_message_where_it_stands_and_tells_once() -> None:
    room, _ = open_room()
    heard: list[Entry] = []
    place = say(room, "a", final=False)
    say(room, "b")
    room.subscribe(heard.append)
    for _ in range(2):
        room.edit(place, Message("a", place, Reply("a, done")))
    assert titles(room) == ["a, done", "b"]
    assert [entry.message.reply.title for entry in heard] == ["a, done"]


def test_what_is_no_longer_there_cannot_be_edited() -> None:
    room, _ = open_room()
    with pytest.raises(NotFound):
        room.edit(Place("console", "console", message="m99"), Message("a", HERE, Reply("a")))


def test_the_oldest_final_messages_go_first_and_a_parent_after_its_replies() -> None:
    room, _ = open_room(limit=3)
    say(room, "live", final=False)
    parent = say(room, "parent")
    say(room, "reply", thread=parent.message)
    say(room, "next")
    assert titles(room) == ["live", "parent", "next"]
    say(room, "last")
    assert titles(room) == ["live", "next", "last"]


def test_a_room_full_of_live_messages_still_forgets() -> None:
    room, _ = open_room(limit=2)
    for key in "abc":
        say(room, key, final=False)
    assert titles(room) == ["b", "c"]


def test_threads_are_one_level_deep_and_a_parent_may_be_named_by_its_key() -> None:
    room, _ = open_room()
    parent = say(room, "parent")
    reply = say(room, "reply", thread=parent.message)
    deeper = say(room, "deeper", thread=reply.message)
    by_key = room.post(Message("named", HERE, Reply("named"), parent="parent"))
    assert [reply.thread, deeper.thread, by_key.thread] == [parent.message] * 3


def test_waiting_ends_with_the_final_message() -> None:
    room, _ = open_room()
    place = say(room, "a", final=False)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(room.wait_for, "a", 10.0)
        room.edit(place, Message("a", place, Reply("done")))
        assert waiting.result(10).reply.title == "done"


def test_waiting_says_when_its_bound_is_passed() -> None:
    room, _ = open_room()
    with pytest.raises(Unavailable, match=r"within 0\.01 s"):
        room.wait_for("order:none", 0.01)


def test_stopping_the_room_ends_whoever_waits() -> None:
    room, _ = open_room()
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(room.wait_for, "a", 30.0)
        room.stop()
        with pytest.raises(Unavailable):
            waiting.result(10)


def test_listeners_hear_in_order_whoever_speaks_and_may_speak_themselves() -> None:
    room, _ = open_room(limit=5000)
    serials: list[int] = []

    def speak_back(entry: Entry) -> None:
        if entry.message.key == "first":
            say(room, "from a listener")

    room.subscribe(lambda entry: serials.append(entry.serial))
    room.subscribe(speak_back)
    say(room, "first")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: say(room, f"k{n}"), range(200)))
    assert serials == sorted(serials)
    assert len(serials) == 202


def test_a_listener_that_breaks_does_not_keep_the_others_from_hearing(caplog: pytest.LogCaptureFixture) -> None:
    room, _ = open_room()
    heard: list[Entry] = []

    def broken(entry: Entry) -> None:
        raise RuntimeError("a reader's own mistake")

    room.subscribe(broken)
    end = room.subscribe(heard.append)
    say(room, "a")
    end()
    say(room, "b")
    assert [entry.message.key for entry in heard] == ["a"]
    assert "reader of the room broke" in caplog.text


def test_listeners_are_told_outside_the_lock() -> None:
    room, _ = open_room()
    free = threading.Event()

    def ask() -> None:
        room.entries()
        free.set()

    def ask_from_elsewhere(entry: Entry) -> None:
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join(30)

    room.subscribe(ask_from_elsewhere)
    say(room, "a")
    assert free.is_set()


def test_a_slow_reader_gets_only_the_newest_of_each_message() -> None:
    room, _ = open_room()
    feed = Feed(wake=lambda: None, bound=3)
    room.subscribe(feed.put)
    place = say(room, "a", "a 0", final=False)
    for number in range(1, 50):
        room.edit(place, Message("a", place, Reply(f"a {number}"), final=False))
    say(room, "b")
    unread = [entry.message.reply.title for entry in feed.drain()]
    assert unread[-2:] == ["a 49", "b"]
    assert len(unread) <= 3


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("set webapp PASSWORD=hunter2 in staging", "set webapp PASSWORD=••• in staging"),
        ('set webapp a="two words" B-', "set webapp a=••• B-"),
        ("/SET webapp key='x y' OTHER=“z z”", "/SET webapp key=••• OTHER=•••"),
        ("sett webapp PASSWORD=hunter2", "sett webapp PASSWORD=•••"),
        ("deploy service=adderservice 3f2a91c", "deploy service=adderservice 3f2a91c"),
    ],
)
def test_values_are_never_shown(typed: str, shown: str) -> None:
    room, received = open_room()
    room.say(typed, WHO)
    assert titles(room) == [veil(typed)] == [shown]
    assert received[0].text == typed


def test_what_is_too_long_is_cut_and_says_so() -> None:
    room, _ = open_room()
    rows = tuple((f"pod-{n}", "1/1") for n in range(600))
    room.post(Message("a", HERE, Reply("t" * 5000, body="b" * 90_000, table=Table(("pod", "ready"), rows))))
    reply = room.entries()[0].message.reply
    assert reply.title.endswith("(4,000 more characters)")
    assert reply.body.endswith("(70,000 more characters)")
    assert reply.table
    assert reply.table.rows[-1] == ("… 100 more rows", "")


def test_another_room_is_refused_with_the_reason() -> None:
    room, _ = open_room()
    elsewhere = Place("slack", "C024")
    assert "only one room" in (room.writable(elsewhere) or "")
    with pytest.raises(NotFound):
        room.post(Message("a", elsewhere, Reply("a")))
    assert room.find(elsewhere, "a") is None
