"""What must be said is said once, within ten edits, whatever Webex answers in between."""

from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import format_datetime
from pathlib import Path

import pytest

from bot.core.errors import Unavailable
from bot.core.model import Button, Message, Place, Reply, Request, Tone, Who
from bot.engine.outbox import Outbox
from bot.store import Store
from bot.store.sql import SqlStore
from tests.contract.platform_kit import NOW
from tests.contract.webex_kit import sharing
from tests.servers.webex import buttons
from tests.servers.webex_faults import Fault
from tests.servers.webex_world import Message as Standing
from tests.servers.webex_world import Room
from tests.unit.webex_talk import Bot, FastClock, until

STORM = 12


class Sender:
    """A bot with an outbox of its own on a store that stays."""

    def __init__(self, bot: Bot, store: Store) -> None:
        self.bot = bot
        self.store = store
        self.outbox = Outbox(store, {"webex": bot.platform}, bot.talk.clock)
        self.outbox.start()

    def say(self, text: str, key: str = "order:1", *, room: Room | None = None, final: bool = False) -> None:
        place = Place("webex", (room or self.bot.room).id)
        self.outbox.put(Message(key, place, Reply(text, Tone.GOOD if final else Tone.WORKING), final=final))

    def wait(self, *keys: str) -> None:
        """Until what was said last under these keys was sent."""
        until(lambda: not self.store.waiting_channels("webex", self.bot.talk.clock.now()) and self._sent(keys))

    def restart(self) -> "Sender":
        self.outbox.stop()
        self.bot.platform.stop()
        self.bot.start()
        return Sender(self.bot, self.store)

    def _sent(self, keys: tuple[str, ...]) -> bool:
        return self.store.next_due("webex") is None and all(self.store.messages(key) for key in keys)


@contextmanager
def sender(folder: Path) -> Iterator[Sender]:
    with sharing() as talk:
        bot = Bot(talk._replace(clock=FastClock()))
        store = SqlStore(f"sqlite:///{folder}/memory.db")
        store.migrate()
        made = Sender(bot, store)
        yield made
        made.outbox.stop()
        store.close()


def only(bot: Bot) -> Standing:
    (message,) = bot.webex.messages(bot.room)
    return message


def test_forty_changes_are_ten_edits_and_the_verdict_is_the_last(tmp_path: Path) -> None:
    with sender(tmp_path) as made:
        for number in range(40):
            made.say(f"{number} of 40 ready")
            made.wait("order:1")
        made.say("done", final=True)
        made.wait("order:1")
        message = only(made.bot)
        assert message.edits == 10
        assert message.content["text"] == "✓ done"
        assert made.bot.webex.faults.refused == []


def test_a_restart_in_the_middle_goes_on_with_the_same_message(tmp_path: Path) -> None:
    with sender(tmp_path) as made:
        for number in range(6):
            made.say(f"{number} of 40 ready")
            made.wait("order:1")
        again = made.restart()
        for number in range(6, 40):
            again.say(f"{number} of 40 ready")
            again.wait("order:1")
        again.say("done", final=True)
        again.wait("order:1")
        again.outbox.stop()
        message = only(made.bot)
        assert (message.edits, message.content["text"]) == (10, "✓ done")
        assert made.bot.webex.faults.refused == []


@pytest.mark.parametrize("given", ["2", "0", "date", "soon", None])
def test_a_storm_of_429_loses_nothing_and_says_nothing_twice(tmp_path: Path, given: str | None) -> None:
    with sender(tmp_path) as made:
        webex = made.bot.webex
        rooms = [webex.room(made.bot.talk.ann) for _ in range(3)]
        retry = format_datetime(made.bot.talk.clock.now(), usegmt=True) if given == "date" else given
        headers = {"Retry-After": retry} if retry else {}
        webex.inject(Fault("POST", "messages", 429, headers, times=STORM))
        webex.inject(Fault("PUT", "messages", 429, headers, times=3))
        for number in range(9):
            made.say(f"message {number}", f"order:{number}", room=rooms[number % 3], final=True)
        made.wait(*(f"order:{n}" for n in range(9)))
        said = sorted(text for room in rooms for text in made.bot.said(room))
        assert said == [f"✓ message {number}" for number in range(9)]


def test_an_answer_that_got_lost_is_looked_for_where_webex_lets_a_bot_look(tmp_path: Path) -> None:
    with sender(tmp_path) as made:
        webex = made.bot.webex
        room = webex.direct(made.bot.talk.ann)
        webex.inject(Fault("POST", "messages", 502, after=True))
        made.say("done", room=room, final=True)
        made.wait("order:1")
        assert made.bot.said(room) == ["✓ done"]


def test_a_verdict_that_can_be_edited_in_no_more_stands_in_a_reply() -> None:
    with sharing() as talk:
        bot = Bot(talk)
        place = bot.post(Reply("1 of 2 ready"))
        only(bot).edits = 10
        bot.platform.edit(place, Message("order:1", place, Reply("done"), final=True, edits=5))
        first, second = bot.webex.messages(bot.room)
        assert (first.content["text"], second.content["text"]) == ("1 of 2 ready", "done")
        assert second.parent == first.id


def test_verdict_after_verdict_is_one_reply_in_ten() -> None:
    """A release that is built again and again: its parent cannot say it any more, and nobody reads a reply each."""
    with sharing() as talk:
        bot = Bot(talk)
        place = bot.post(Reply("0"))
        for number in range(1, 26):
            bot.platform.edit(place, Message("order:1", place, Reply(str(number)), final=True, edits=number))
        live, first, second = bot.webex.messages(bot.room)
        assert [(m.content["text"], m.edits) for m in (live, first, second)] == [("10", 10), ("21", 10), ("25", 3)]
        assert [first.parent, second.parent] == [live.id, live.id]
        del bot.webex.world.messages[second.id]
        bot.platform.edit(place, Message("order:1", place, Reply("26"), final=True, edits=26))
        assert bot.said()[-1] == "26"


def test_what_is_at_work_again_after_its_verdict_leaves_the_last_edit_to_the_next(tmp_path: Path) -> None:
    with sender(tmp_path) as made:
        for number in range(20):
            place = Place("webex", made.bot.room.id)
            made.outbox.put(Message("order:1", place, Reply(f"build {number}", Tone.WORKING), final=True))
            made.wait("order:1")
        made.say("built", final=True)
        made.wait("order:1")
        assert (only(made.bot).content["text"], only(made.bot).edits <= 10) == ("✓ built", True)
        assert made.bot.webex.faults.refused == []


def test_what_did_not_change_costs_no_edit() -> None:
    with sharing() as talk:
        bot = Bot(talk)
        place = bot.post(Reply("1 of 2 ready"))
        bot.platform.edit(place, Message("order:1", place, Reply("1 of 2 ready"), final=True, edits=1))
        assert only(bot).edits == 0


def test_buttons_stand_in_a_card_that_changes_with_them() -> None:
    pause, undo = Button("Pause", "pause web_app"), Button("Roll back", "rollback web_app", Tone.BAD, "Roll back?")
    with sharing() as talk:
        bot = Bot(talk)
        place = bot.post(Reply("1 of 2 ready", buttons=(pause, undo)))
        live, card = bot.webex.messages(bot.room)
        assert card.parent == live.id
        assert [button["title"] for button in buttons(card)] == ["Pause", "Roll back"]
        place = bot.platform.edit(place, Message("order:1", place, Reply("2 of 2 ready", buttons=(pause, undo))))
        assert bot.webex.messages(bot.room)[1] is card
        place = bot.platform.edit(place, Message("order:1", place, Reply("done", buttons=(undo,))))
        live, other = bot.webex.messages(bot.room)
        assert (other is card, place.beside) == (False, other.id)
        assert [button["title"] for button in buttons(other)] == ["Roll back"]
        place = bot.platform.edit(place, Message("order:1", place, Reply("rolled back"), final=True))
        assert (bot.webex.messages(bot.room), place.beside) == ([live], None)


def test_a_card_of_before_a_restart_goes_when_its_message_changes() -> None:
    pause, undo = Button("Pause", "pause web_app"), Button("Roll back", "rollback web_app", Tone.BAD, "Roll back?")
    with sharing() as talk:
        bot = Bot(talk)
        place = bot.post(Reply("1 of 2 ready", buttons=(pause, undo)))
        bot.platform.stop()
        again = bot.start()
        place = again.edit(place, Message("order:1", place, Reply("done", buttons=(undo,)), final=True))
        live, card = bot.webex.messages(bot.room)
        assert (place.message, place.beside) == (live.id, card.id)
        assert [button["title"] for button in buttons(card)] == ["Roll back"]


def test_what_is_found_in_a_direct_room_is_found_with_its_card() -> None:
    with sharing() as talk:
        bot = Bot(talk)
        room = Place("webex", bot.webex.direct(talk.ann).id)
        reply = Reply("1 of 2 ready", buttons=(Button("Pause", "pause web_app"),))
        place = bot.platform.post(Message("order:1", room, reply, final=False))
        assert place.beside
        bot.platform.stop()
        assert bot.start().find(room, "order:1") == place


def test_buttons_that_were_put_off_come_with_the_next_try_and_cost_no_edit() -> None:
    with sharing() as talk:
        bot = Bot(talk._replace(clock=FastClock()))
        place = bot.post(Reply("1 of 2 ready"))
        later = Message("order:1", place, Reply("done", buttons=(Button("Why", "why web_app"),)), final=True)
        bot.webex.inject(Fault("POST", "messages", 503))
        with pytest.raises(Unavailable):
            bot.platform.edit(place, later)
        bot.platform.edit(place, later)
        live, card = bot.webex.messages(bot.room)
        assert live.edits == 1
        assert [button["title"] for button in buttons(card)] == ["Why"]


def test_long_output_is_a_file_under_the_message() -> None:
    lines = [f"line {number}" for number in range(3_000)]
    with sharing() as talk:
        bot = Bot(talk)
        bot.post(Reply("logs of web_app", body="\n".join(f"    {line}" for line in lines)))
        message, file = bot.webex.messages(bot.room)
        name, content = file.content["file"]
        assert file.parent == message.id
        assert name == "output.txt"
        assert "line 2999" in message.content["text"]
        assert "earlier lines" in message.content["text"]
        assert content.splitlines()[1:] == lines


def _asked(bot: Bot) -> Request:
    said = bot.webex.say(bot.room, bot.talk.ann, "logs web_app")
    ann = bot.talk.ann
    return Request(said.id, Who("webex", ann.id, ann.name), Place("webex", bot.room.id), "logs web_app", NOW)


def test_a_private_answer_that_was_put_off_is_said_a_little_later_and_once() -> None:
    with sharing() as talk:
        bot = Bot(talk._replace(clock=FastClock()))
        request, direct = _asked(bot), bot.webex.direct(talk.ann)
        bot.webex.inject(Fault("POST", "messages", 429, {"Retry-After": "20"}))
        bot.platform.whisper(request, Reply("the logs", private=True))
        until(lambda: any("direct messages" in said for said in bot.said()))
        assert bot.said(direct) == ["the logs"]


def test_who_cannot_be_written_to_learns_that_much() -> None:
    with sharing() as talk:
        bot = Bot(talk)
        request = _asked(bot)
        bot.webex.inject(Fault("POST", "messages", 403))
        bot.platform.whisper(request, Reply("the logs", private=True))
        assert bot.said()[-1].startswith("The answer is for you alone, and Webex does not let this bot write to you.")
        assert bot.said(bot.webex.direct(talk.ann)) == []
