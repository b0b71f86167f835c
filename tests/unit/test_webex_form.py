"""The form of `deploy` alone: a whole bot on Webex, asked for, filled in, by those who may and who may not."""

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.chat.webex.cards import Json, pressed
from bot.chat.webex.form import IMAGES, SERVICES, TYPED, Filled, filled, images_card, objections, services_card
from bot.chat.webex.heard import heard
from bot.core.workload import Image
from tests.contract.platform_kit import NOW
from tests.servers.webex import buttons
from tests.servers.webex_rules import require_card, walk
from tests.servers.webex_world import Message, Person
from tests.unit.test_webex_story import Scene, scene
from tests.unit.webex_talk import until

KEYS = ("form", "under", "service", "image", "other", "environment", "order", "decides", "id", "roomId", "personId")
CHOSEN = Filled("deploy", "root", "adderservice", "9ab01de", "staging")


def form(made: Scene, field: str) -> Message:
    """The card that has this field, once it is there."""

    def found() -> list[Message]:
        return [m for m in made.webex.messages(made.room) if field in fields(m)]

    until(lambda: bool(found()))
    return found()[-1]


def fields(message: Message) -> dict[str, Json]:
    cards = message.content.get("attachments") or []
    return {e["id"]: e for card in cards for e in walk(card["content"]) if e["type"].startswith("Input.")}


def values(message: Message, field: str) -> list[str]:
    return [choice["value"] for choice in fields(message)[field]["choices"]]


def texts(message: Message) -> str:
    cards = message.content.get("attachments") or []
    return "\n".join(e["text"] for card in cards for e in walk(card["content"]) if e["type"] == "TextRun")


def press(made: Scene, card: Message, label: str, given: Mapping[str, str], who: Person | None = None) -> None:
    data = next(button["data"] for button in buttons(card) if button["title"] == label)
    made.webex.press(card, who or made.talk.ann, {**data, **given})


def test_a_service_then_its_image_and_where_to(tmp_path: Path) -> None:
    with scene(tmp_path) as made:
        said = made.says("deploy")
        first = form(made, "service")
        assert first.parent == said.id
        assert {"adderservice", "webapp"} <= set(values(first, "service"))
        press(made, first, "Next", {"service": "adderservice"})
        second = form(made, "image")
        until(lambda: first not in made.webex.messages(made.room))
        assert {"9ab01de", "3f2a91c"} <= set(values(second, "image"))
        assert values(second, "environment") == ["staging", "production"]
        press(made, second, "Deploy", {"image": "9ab01de", "other": "", "environment": "production"})
        made.live("adderservice → 9ab01de in production", "done")
        until(lambda: second not in made.webex.messages(made.room))
        assert made.parts.store.audit()[-1].who.name == "Ann"


def test_what_is_wrong_is_said_under_its_field_and_what_was_chosen_stays(tmp_path: Path) -> None:
    with scene(tmp_path) as made:
        made.says("/deploy")
        press(made, form(made, "service"), "Next", {"service": "adderservice"})
        second = form(made, "image")
        press(made, second, "Deploy", {"image": "", "other": "two words", "environment": "staging"})
        until(lambda: second not in made.webex.messages(made.room))
        third = form(made, "image")
        assert "One word: a tag, a SHA or a digest." in texts(third)
        assert fields(third)["other"]["value"] == "two words"
        assert fields(third)["environment"]["value"] == "staging"
        press(made, third, "Deploy", {"image": "9ab01de", "other": "", "environment": ""})
        until(lambda: third not in made.webex.messages(made.room))
        fourth = form(made, "image")
        assert "Choose an environment." in texts(fourth)
        assert fields(fourth)["image"]["value"] == "9ab01de"


def test_whoever_presses_is_judged_and_a_refusal_takes_nothing_from_the_others(tmp_path: Path) -> None:
    with scene(tmp_path) as made:
        eve = made.webex.person("Eve", "eve@example.com")
        made.room.members.add(eve.id)
        made.says("deploy")
        press(made, form(made, "service"), "Next", {"service": "adderservice"})
        second = form(made, "image")
        given = {"image": "9ab01de", "other": "", "environment": "production"}
        press(made, second, "Cancel", {}, eve)
        made.live("You may deploy adderservice nowhere from here.")
        press(made, second, "Deploy", given, eve)
        made.live("You may not deploy adderservice in production.")
        assert second in made.webex.messages(made.room)
        press(made, second, "Deploy", given)
        made.live("adderservice → 9ab01de in production", "done")
        until(lambda: second not in made.webex.messages(made.room))
        assert [e.outcome for e in made.parts.store.audit()] == ["applied", "not_allowed"]


def test_who_may_deploy_nothing_gets_no_form(tmp_path: Path) -> None:
    with scene(tmp_path) as made:
        eve = made.webex.person("Eve", "eve@example.com")
        made.room.members.add(eve.id)
        made.webex.say(made.room, eve, "deploy")
        assert "deploy" in made.live("deploy needs").content["text"]


def test_a_form_can_be_left(tmp_path: Path) -> None:
    with scene(tmp_path) as made:
        made.says("deploy")
        first = form(made, "service")
        press(made, first, "Cancel", {})
        until(lambda: first not in made.webex.messages(made.room))
        assert made.parts.store.audit() == []


@pytest.mark.parametrize(
    "inputs",
    [None, [], {}, {"form": 7}, {"form": "else"}, {"form": ["deploy"]}, {"form": {}}, {"order": "status"}],
)
def test_what_is_no_form_of_ours(inputs: object) -> None:
    assert filled(inputs) is None


def test_of_what_a_client_sends_nothing_is_trusted() -> None:
    odd = {"form": "deploy", "service": ["x"], "image": 7, "other": "x" * 500, "environment": None, "under": {}}
    assert filled(odd) == Filled("deploy", "", "", "", "")
    assert objections(Filled("deploy", "", "", "", "")) == {
        "image": "Choose an image, or type one.",
        "environment": "Choose an environment.",
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.sampled_from(["deploy", "choose", "cancel"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=12,
)


@pytest.mark.fuzz
@given(JSON, st.binary(max_size=60))
def test_nothing_that_a_client_sends_breaks_the_reading_of_it(inputs: object, raw: bytes) -> None:
    found = filled(inputs)
    if found:
        require_card(images_card(found, [Image("r/a", "1.0")], ["staging"], NOW, objections(found)))
    pressed(inputs)
    heard(raw)
    heard(json.dumps({"resource": "messages", "event": "created", "data": inputs}).encode())


def test_what_is_typed_counts_before_what_is_in_the_list() -> None:
    given = filled({"form": "deploy", "service": "a", "image": "1.0", "other": " sha256:44c1f0e ", "environment": "b"})
    assert given is not None
    assert given.order == "deploy a sha256:44c1f0e to b"


def test_a_long_list_is_cut_and_says_what_can_be_typed() -> None:
    card = services_card([f"service-{n}" for n in range(SERVICES + 7)], "root")
    require_card(card)
    assert f"7 more can be typed: {TYPED}" in str(card)


def test_what_the_form_does_not_offer_is_said_in_it() -> None:
    card = services_card(["adderservice"], "root", ["production is not shown: The cluster main cannot be reached."])
    require_card(card)
    assert "production is not shown: The cluster main cannot be reached." in str(card)


def test_images_are_the_newest_and_say_their_age() -> None:
    images = [Image("r/a", f"t{n}", created=NOW - timedelta(hours=n + 1)) for n in range(IMAGES + 5)]
    card = images_card(replace(CHOSEN, version="t1"), images, ["staging"], NOW, {})
    require_card(card)
    image, _, where = (e for e in walk(card["content"]) if e["type"].startswith("Input."))
    assert len(image["choices"]) == IMAGES
    assert image["choices"][0] == {"title": "t0 · built 1 h ago", "value": "t0"}
    assert (image["value"], where["value"]) == ("t1", "staging")


def test_without_a_known_image_one_is_typed() -> None:
    card = images_card(CHOSEN, [], ["staging", "production"], NOW, {})
    require_card(card)
    assert [e["id"] for e in walk(card["content"]) if e["type"].startswith("Input.")] == ["other", "environment"]
