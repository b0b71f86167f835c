"""From what is said in Webex to an order: which words, whose, and which of them we listen to."""

import json
from datetime import timedelta

import pytest

from bot.chat.webex.calls import Identity
from bot.chat.webex.signature import sign
from bot.chat.webex.undo import typed
from bot.core.model import Button, Place, Reply, Tone
from bot.core.model import Message as Sent
from tests.contract.platform_kit import NOW
from tests.contract.webex_kit import Talk, sharing, talking
from tests.servers.webex import buttons
from tests.servers.webex_faults import Fault
from tests.servers.webex_world import ORG, OTHER_ORG, Message, identity
from tests.unit.webex_talk import Bot, FastClock, bot, until

BOT = Identity("Y2lzY29zcGFyazovL3VzL1BFT1BMRS9ib3Q", "quarterdeck@webex.bot", ("Quarterdeck Bot", "Quarterdeck"), "o")
MENTION = f'<spark-mention data-object-type="person" data-object-id="{BOT.id}">Quarterdeck</spark-mention>'


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (f"<p>{MENTION} deploy web_app_2 3f2a91c</p>", "deploy web_app_2 3f2a91c"),
        (f"<p>deploy web_app 3f2a91c {MENTION}</p>", "deploy web_app 3f2a91c"),
        (f"<p>deploy {MENTION} web_app 3f2a91c</p>", "deploy web_app 3f2a91c"),
        (f"<p>{MENTION}: /deploy web_app</p>", "/deploy web_app"),
        (f"<p>{MENTION}, status</p>", "status"),
        (f"<p>{MENTION}</p>", ""),
        (f'<p>{MENTION} lock web_app "a &lt; b &amp; c"</p>', 'lock web_app "a < b & c"'),
        (f"<div>{MENTION}</div><div>status<br>why web_app</div>", "status\nwhy web_app"),
        (f'<p>{MENTION} audit by <spark-mention data-object-id="x">Ann</spark-mention></p>', "audit by @Ann"),
        ('<p><spark-mention data-object-type="person" data-object-id="bot">Q</spark-mention> status</p>', "status"),
        (f"<p>{MENTION} deploy <code>web_app</code> <b>now</b></p>", "deploy web_app now"),
    ],
)
def test_the_name_of_the_bot_goes_wherever_it_stands(html: str, text: str) -> None:
    assert typed({"html": html, "text": "never read"}, BOT) == text


@pytest.mark.parametrize(
    ("said", "mentioned", "text"),
    [
        ("Quarterdeck Bot status", True, "status"),
        ("quarterdeck status", True, "status"),
        ("status @Quarterdeck", True, "status"),
        ("why quarterdeck_api", True, "why quarterdeck_api"),
        ("status quarterdeck", False, "status quarterdeck"),
    ],
)
def test_without_markup_the_name_is_taken_off_once_where_it_was_mentioned(
    said: str, mentioned: bool, text: str
) -> None:
    assert typed({"text": said, "mentionedPeople": [BOT.id] if mentioned else []}, BOT) == text


def test_a_thread_an_answer_and_who_it_was() -> None:
    with bot() as talk:
        root = talk.webex.say(talk.room, talk.talk.ann, "status")
        talk.next()
        talk.webex.say(talk.room, talk.talk.ann, "why web_app", parent=root.id)
        request = talk.next()
        assert request.place.thread == root.id
        assert (request.who.name, request.who.email) == ("Ann", talk.talk.ann.email)
        assert request.at - NOW < timedelta(seconds=1)


def test_a_person_has_the_rights_of_the_rooms_they_are_in() -> None:
    """Of those that a role names. Of a room that the bot is not in, or that is no more, nobody is a member."""
    named: list[str] = ["Y2lzY29-gone"]
    with talking(rooms=lambda: named) as talk:
        made = Bot(talk)
        other = talk.webex.room(talk.webex.person("Bob", "bob@example.com"))
        named += [made.room.id, other.id]
        talk.webex.say(made.room, talk.ann, "status")
        assert made.next().who.groups == frozenset({made.room.id})


def test_alone_with_the_bot_nobody_has_to_be_mentioned() -> None:
    with bot() as talk:
        talk.webex.say(talk.webex.direct(talk.talk.ann), talk.talk.ann, "/deploy web_app 3f2a91c")
        assert talk.next().text == "/deploy web_app 3f2a91c"


def test_its_own_words_are_no_orders() -> None:
    with bot() as talk:
        talk.webex.say(talk.webex.direct(talk.talk.ann), talk.webex.world.bot, "status")
        talk.platform.stop()
        assert talk.platform.ignored == {"own": 1}
        assert talk.received.empty()


def test_what_is_not_meant_for_it_is_not_taken_whatever_the_webhook_says() -> None:
    with bot() as talk:
        talk.webex.world.webhooks.clear()
        said = talk.webex.say(talk.room, talk.talk.ann, "lunch?", mention=False)
        _tell(talk, said)
        talk.platform.stop()
        assert talk.platform.ignored == {"gone": 1}


@pytest.mark.parametrize(
    ("email", "org"), [("eve@example.com", OTHER_ORG), ("gus@elsewhere.test", ORG)], ids=["guest", "domain"]
)
def test_strangers_are_told_no_and_never_become_an_order(email: str, org: str) -> None:
    with talking(domains=frozenset({"example.com"})) as talk:
        made = Bot(talk)
        stranger = talk.webex.person("Eve", email, org=org)
        made.room.members.add(stranger.id)
        talk.webex.say(made.room, stranger, "status")
        made.platform.stop()
        assert made.received.empty()
        assert made.platform.ignored == {"outsider": 1}
        assert "takes no orders from you" in made.said()[0]
        assert "whoami" not in made.said()[0]


@pytest.mark.parametrize(("domains", "heard"), [(frozenset(), False), (frozenset({"example.com"}), True)])
def test_of_free_accounts_only_people_of_named_domains_are_heard(domains: frozenset[str], heard: bool) -> None:
    """They are all of one organisation, the bot that somebody made with one too."""
    free = identity("ORGANIZATION", "consumer")
    with talking(domains=domains) as talk:
        talk.webex.world.bot.org = talk.ann.org = free
        made = Bot(talk)
        talk.webex.say(made.room, talk.ann, "status")
        made.platform.stop()
        assert made.received.empty() is not heard
        assert "of a free account" in "".join(made.said()) or heard


def test_a_stranger_who_presses_is_told_so_under_the_card_that_was_pressed() -> None:
    with bot() as talk:
        live, card = _asked(talk)
        stranger = talk.webex.person("Eve", "eve@example.com", org=OTHER_ORG)
        talk.webex.press(card, stranger, buttons(card)[0]["data"])
        talk.platform.stop()
        assert talk.received.empty()
        assert talk.webex.messages(talk.room)[-1].parent == live.id


def test_an_answer_under_what_was_deleted_stands_by_itself() -> None:
    with bot() as talk:
        root = talk.webex.say(talk.room, talk.talk.ann, "deplyo")
        request = talk.next()
        del talk.webex.world.messages[root.id]
        talk.platform.whisper(request, Reply("There is no order deplyo.", code="usage", private=True))
        assert [(m.parent, "deplyo" in m.content["text"]) for m in talk.webex.messages(talk.room)] == [(None, True)]


def test_two_bots_do_not_talk_to_each_other() -> None:
    with bot() as talk:
        other = talk.webex.person("Poll Bot", "poll@webex.bot", type="bot")
        talk.webex.say(talk.room, other, "status")
        talk.platform.stop()
        assert (talk.said(), talk.platform.ignored) == ([], {"outsider": 1})


def test_what_was_said_long_ago_is_no_order_any_more() -> None:
    with bot() as talk:
        talk.webex.world.webhooks.clear()
        said = talk.webex.say(talk.room, talk.talk.ann, "deploy web_app 3f2a91c")
        said.created -= timedelta(hours=1)
        _tell(talk, said)
        talk.platform.stop()
        assert talk.platform.ignored == {"old": 1}


@pytest.mark.parametrize("fault", [Fault("GET", "messages", 429, {"Retry-After": "3"}), Fault("GET", "messages", 503)])
def test_an_order_that_cannot_be_read_at_once_is_read_later(fault: Fault) -> None:
    with sharing() as talk:
        made = Bot(talk._replace(clock=FastClock()))
        made.webex.inject(fault, fault)
        made.webex.say(made.room, talk.ann, "status")
        assert made.next().text == "status"


def test_what_decides_is_pressed_once_by_each_and_its_card_goes_when_it_has_an_answer() -> None:
    with bot() as talk:
        live, card = _asked(talk)
        data = buttons(card)[0]["data"]
        talk.webex.press(card, talk.talk.ann, data)
        request = talk.next()
        assert (request.text, request.button) == ("rollback web_app", f"{card.id}:rollback web_app")
        talk.webex.press(card, talk.talk.ann, data)
        until(lambda: len(talk.said()) == 3)
        refused = talk.webex.messages(talk.room)[-1]
        assert refused.parent == live.id
        assert "You have just pressed that button." in refused.content["text"]
        assert talk.received.empty()
        talk.post(Reply("web_app back to 9ab01de · starting"), f"order:{request.id}")
        assert card not in talk.webex.messages(talk.room)


def test_two_approve_in_one_moment() -> None:
    """The button stays for whoever is still to agree, whichever is first: the first answer, or the edit after it."""
    asked = Reply("web_app waits, 0 of 2", buttons=(Button("Approve", "approve 1", Tone.GOOD),))
    with bot() as talk:
        live = talk.post(asked)
        (card,) = _cards(talk)
        talk.webex.press(card, talk.talk.ann, buttons(card)[0]["data"])
        talk.webex.press(card, talk.webex.person("Bob", "bob@example.com"), buttons(card)[0]["data"])
        first, second = talk.next(), talk.next()
        assert {first.who.name, second.who.name} == {"Ann", "Bob"}
        edited = _edit(talk, live, "web_app waits, 1 of 3")
        talk.platform.whisper(first, Reply("approved", private=True))
        (left,) = _cards(talk)
        assert left is not card
        talk.platform.whisper(second, Reply("approved", private=True))
        assert _cards(talk) == [left]
        talk.webex.press(left, talk.webex.person("Cy", "cy@example.com"), buttons(left)[0]["data"])
        talk.platform.whisper(talk.next(), Reply("approved", private=True))
        assert _cards(talk) == []
        _edit(talk, edited, "web_app waits, 3 of 4")
        assert len(_cards(talk)) == 1


def test_a_refusal_takes_the_card_from_nobody() -> None:
    """The wrong person's press is refused by the engine; the right one's is heard in the same moment."""
    with bot() as talk:
        _, card = _asked(talk)
        bob = talk.webex.person("Bob", "bob@example.com")
        talk.webex.press(card, bob, buttons(card)[0]["data"])
        talk.platform.whisper(talk.next(), Reply("You may not approve that.", code="not_allowed", private=True))
        talk.webex.press(card, talk.talk.ann, buttons(card)[0]["data"])
        assert talk.next().who.name == "Ann"
        assert card in talk.webex.messages(talk.room)


def test_a_question_may_be_pressed_again() -> None:
    with bot() as talk:
        talk.post(Reply("failed", buttons=(Button("Why", "why web_app"),)))
        card = talk.webex.messages(talk.room)[1]
        for _ in range(2):
            talk.webex.press(card, talk.talk.ann, buttons(card)[0]["data"])
            assert talk.next().text == "why web_app"


def _cards(talk: Bot) -> list[Message]:
    return [message for message in talk.webex.messages(talk.room) if buttons(message)]


def _edit(talk: Bot, live: Place, title: str) -> Place:
    reply = Reply(title, buttons=(Button("Approve", "approve 1", Tone.GOOD),))
    return talk.platform.edit(live, Sent("order:1", live, reply, final=False))


def _asked(talk: Bot) -> tuple[Message, Message]:
    """A message with a button that decides, and its card."""
    talk.post(Reply("failed", buttons=(Button("Roll back", "rollback web_app", Tone.BAD, "Roll back web_app?"),)))
    live, card = talk.webex.messages(talk.room)
    return live, card


@pytest.mark.parametrize("inputs", [{}, {"order": 7}, {"order": " "}, {"order": "x" * 5_000}, {"a": "b"}])
def test_what_no_card_of_ours_sends_is_counted(inputs: dict[str, object]) -> None:
    with bot() as talk:
        talk.post(Reply("failed", buttons=(Button("Why", "why web_app"),)))
        talk.webex.press(talk.webex.messages(talk.room)[1], talk.talk.ann, inputs)
        talk.platform.stop()
        assert talk.platform.ignored == {"unknown card": 1}


def test_a_whisper_goes_to_the_person_and_what_is_no_secret_under_the_order() -> None:
    with bot() as talk:
        said = talk.webex.say(talk.room, talk.talk.ann, "logs web_app")
        request = talk.next()
        talk.platform.whisper(request, Reply("the logs", private=True))
        pointer = talk.webex.messages(talk.room)[-1]
        assert (pointer.parent, "direct messages" in pointer.content["text"]) == (said.id, True)
        assert talk.said(talk.webex.direct(talk.talk.ann)) == ["the logs"]
        talk.platform.whisper(request, Reply("No image 3f2a91d.", code="not_found", private=True))
        assert talk.webex.messages(talk.room)[-1].content["text"] == "No image 3f2a91d."
        talk.platform.whisper(request, Reply("web_app → 3f2a91c in production approved"))
        assert talk.webex.messages(talk.room)[-1].parent == said.id
        assert len(talk.said(talk.webex.direct(talk.talk.ann))) == 1


def _tell(talk: Bot, said: Message) -> None:
    """The webhook, as it would have been sent."""
    data = {"id": said.id, "roomId": said.room.id, "personId": said.person.id}
    raw = json.dumps({"resource": "messages", "event": "created", "data": data}).encode()
    assert talk.platform.handle(_signed(talk.talk, raw), raw).status == 200


def _signed(talk: Talk, raw: bytes) -> dict[str, str]:
    return {"X-Spark-Signature": sign(raw, talk.access.webhook_secret)}
