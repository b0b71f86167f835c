"""What every chat must do for us, said once. The kits know how to look at each of them."""

from collections.abc import Iterator
from contextlib import suppress
from queue import SimpleQueue

import pytest

from bot.chat import Direct
from bot.core.errors import QuarterdeckError
from bot.core.model import Button, Field, Message, Place, Reply, Request, Table, Tone
from tests.contract.platform_kit import KITS, Kit, Standing
from tests.contract.slack_kit import slack
from tests.contract.webex_kit import WEBEX
from tests.servers.require import each

WAIT = 20.0
AWKWARD = r"web_app_2 *bold* <b>&amp; `code` ~no~ [a](b) \n"


EVERY = {**KITS, "slack": slack, **WEBEX}


@pytest.fixture(params=each(sorted(EVERY), {"slack": "local-slack"}))
def kit(request: pytest.FixtureRequest) -> Iterator[Kit]:
    with EVERY[request.param]() as kit:
        yield kit


@pytest.fixture
def received(kit: Kit) -> SimpleQueue[Request]:
    queue: SimpleQueue[Request] = SimpleQueue()
    kit.platform.start(queue.put)
    return queue


pytestmark = pytest.mark.usefixtures("received")


def message(kit: Kit, reply: Reply, *, key: str = "order:1", thread: str | None = None, final: bool = True) -> Message:
    return Message(key, Place(kit.place.platform, kit.place.channel, thread), reply, final=final)


def texts(kit: Kit) -> list[str]:
    return [standing.text for standing in kit.standing()]


def only(kit: Kit) -> Standing:
    (standing,) = kit.standing()
    return standing


def test_its_name_is_the_platform_of_its_places_and_people(kit: Kit) -> None:
    assert kit.platform.name == kit.place.platform == kit.person.platform
    assert kit.platform.healthy() is None


def test_what_is_posted_stands_where_it_says(kit: Kit) -> None:
    place = kit.platform.post(message(kit, Reply("adderservice → 3f2a91c in production · starting", Tone.WORKING)))
    assert (place.platform, place.channel, place.thread) == (kit.place.platform, kit.place.channel, None)
    assert place.message
    assert "adderservice → 3f2a91c in production · starting" in only(kit).text


def test_every_part_of_a_reply_can_be_read(kit: Kit) -> None:
    reply = Reply(
        "eventservice crashes at start",
        Tone.BAD,
        fields=(Field("ordered by", "@oncall"),),
        table=Table(("pod", "ready"), (("eventservice-1", "0/1"), ("eventservice-2", "1/1"))),
        body="Last line:\n    panic: no database",
        buttons=(Button("Why", "why eventservice"), Button("Logs", "logs eventservice")),
    )
    kit.platform.post(message(kit, reply))
    parts = [standing.text for standing in kit.standing()]
    for part in ("eventservice crashes", "@oncall", "eventservice-2", "1/1", "panic: no database"):
        assert any(part in text for text in parts)
    assert [label for standing in kit.standing() for label in standing.buttons] == ["Why", "Logs"]


def test_an_edit_changes_it_in_place(kit: Kit) -> None:
    place = kit.platform.post(message(kit, Reply("1 of 6 ready", Tone.WORKING), final=False))
    kit.platform.post(message(kit, Reply("something else"), key="order:2"))
    kit.platform.edit(place, message(kit, Reply("done", Tone.GOOD)))
    changed, other = texts(kit)
    assert "done" in changed
    assert "1 of 6" not in changed
    assert "something else" in other


def test_it_is_found_by_its_key(kit: Kit) -> None:
    place = kit.platform.post(message(kit, Reply("a")))
    kit.platform.edit(place, message(kit, Reply("b")))
    assert kit.platform.find(kit.place, "order:1") == place
    assert kit.platform.find(kit.place, "order:2") is None


def test_it_is_found_and_edited_after_a_restart(kit: Kit) -> None:
    if not kit.persists:
        pytest.skip("its messages live as long as it does")
    place = kit.platform.post(message(kit, Reply("a")))
    kit.platform.stop()
    kit.restart()
    kit.platform.start(lambda request: None)
    assert kit.platform.find(kit.place, "order:1") == place
    kit.platform.edit(place, message(kit, Reply("b")))
    assert "b" in only(kit).text


def test_replies_stand_under_their_parent_and_are_found_there(kit: Kit) -> None:
    parent = kit.platform.post(message(kit, Reply("the parent")))
    kit.platform.post(message(kit, Reply("between"), key="order:2"))
    reply = kit.platform.post(message(kit, Reply("the reply"), key="order:3", thread=parent.message))
    assert reply.thread == parent.message
    under = {s.text.strip("· "): bool(s.under and "the parent" in s.under) for s in kit.standing()}
    assert [under[text] for text in ("the parent", "between", "the reply")] == [False, False, True]
    assert kit.platform.find(reply, "order:3") == reply


def test_a_whisper_is_read_by_who_asked(kit: Kit, received: SimpleQueue[Request]) -> None:
    kit.says("whoami")
    kit.platform.whisper(received.get(timeout=WAIT), Reply("You are oncall.", private=True))
    assert any("You are oncall." in text for text in texts(kit))


def test_what_is_for_one_person_stands_where_the_bot_is_alone_with_them(
    kit: Kit, received: SimpleQueue[Request]
) -> None:
    if not isinstance(kit.platform, Direct):
        pytest.skip("it has no such place that could be named before something is said there")
    kit.says("remind deploy webapp 9ab01de to staging")
    who = received.get(timeout=WAIT).who
    place = kit.platform.direct(who)
    stands = kit.platform.post(Message("free:1", place, Reply("webapp in staging is free")))
    assert place == kit.platform.direct(who) != kit.place
    assert kit.platform.find(place, "free:1") == stands


def test_names_with_markup_in_them_come_out_as_they_are(kit: Kit) -> None:
    reply = Reply(
        f"Title {AWKWARD}",
        fields=(Field("name", f"Field {AWKWARD}"),),
        table=Table(("name",), ((f"Cell {AWKWARD}",),)),
        body=f"Body {AWKWARD}\n    Verbatim {AWKWARD}",
    )
    kit.platform.post(message(kit, reply))
    for part in ("Title", "Field", "Cell", "Body", "Verbatim"):
        assert any(f"{part} {AWKWARD}" in text for text in texts(kit)), part


def test_what_is_too_long_is_cut_or_split_and_says_so(kit: Kit) -> None:
    rows = tuple((f"service-{n}", "x" * 3000, str(n)) for n in range(2000))
    reply = Reply(
        "t" * 5000,
        fields=tuple(Field(f"f{n}", "v" * 3000) for n in range(100)),
        table=Table(("service", "image", "n"), rows),
        body="line\n" * 50_000,
        buttons=tuple(Button("b" * 200, f"status service-{n}") for n in range(3)),
    )
    place = kit.platform.post(message(kit, reply, final=False))
    assert "more" in "".join(texts(kit))
    kit.platform.edit(place, message(kit, reply))


def test_an_order_arrives_once_with_an_id_of_its_own(kit: Kit, received: SimpleQueue[Request]) -> None:
    kit.says("deploy web_app 3f2a91c to staging")
    first = received.get(timeout=WAIT)
    kit.says("deploy web_app 3f2a91c to staging")
    second = received.get(timeout=WAIT)
    assert first.text == second.text == "deploy web_app 3f2a91c to staging"
    assert first.id != second.id
    assert (first.who.platform, first.who.id) == (kit.person.platform, kit.person.id)
    assert (first.place.platform, first.place.channel) == (kit.place.platform, kit.place.channel)
    assert received.empty()


def test_an_answer_can_stand_where_the_order_was_given(kit: Kit, received: SimpleQueue[Request]) -> None:
    kit.says("status")
    request = received.get(timeout=WAIT)
    kit.platform.post(Message(f"order:{request.id}", request.place, Reply("6 services")))
    assert any("6 services" in text for text in texts(kit))


def test_a_button_is_its_command_from_the_person_who_presses(kit: Kit, received: SimpleQueue[Request]) -> None:
    button = Button("Roll back", "rollback web_app in production")
    kit.platform.post(message(kit, Reply("web_app · failed", Tone.BAD, buttons=(button,))))
    kit.press("Roll back")
    request = received.get(timeout=WAIT)
    assert request.text == "rollback web_app in production"
    assert request.who.id == kit.person.id


def test_it_says_where_it_may_not_post(kit: Kit) -> None:
    assert kit.platform.writable(kit.place) is None
    assert kit.platform.writable(kit.elsewhere)
    with pytest.raises(QuarterdeckError):
        kit.platform.post(Message("order:1", kit.elsewhere, Reply("a")))


def test_it_vouches_for_who_somebody_is_now(kit: Kit) -> None:
    now = kit.platform.vouch(kit.person)
    assert (now.id, now.name, now.email, now.outsider) == (kit.person.id, kit.person.name, kit.person.email, "")


def test_an_edit_of_what_is_not_there_is_an_error_of_ours(kit: Kit) -> None:
    nowhere = Place(kit.place.platform, kit.place.channel, message="0000000000.000000")
    with pytest.raises(QuarterdeckError):
        kit.platform.edit(nowhere, message(kit, Reply("a")))


def test_after_stop_nothing_arrives_and_it_says_so(kit: Kit, received: SimpleQueue[Request]) -> None:
    kit.platform.stop()
    kit.platform.stop()
    assert kit.platform.healthy()
    with suppress(QuarterdeckError):
        kit.says("status")
    assert received.empty()
