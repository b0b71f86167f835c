"""The Webex of the tests refuses what the real one refuses, and fails the test over what the real one does not know."""

import json
from typing import Any

import pytest

from tests.contract.webex_kit import Talk, sharing
from tests.servers.webex import WebexDouble, buttons
from tests.servers.webex_faults import Fault
from tests.servers.webex_rules import CARD
from tests.servers.webex_world import BOT_TOKEN, Room
from tests.servers.wire import ask


def call(webex: WebexDouble, method: str, path: str, body: Any = None, token: str = BOT_TOKEN) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    answer = ask(f"{webex.api_url}{path}", method, None if body is None else json.dumps(body).encode(), headers)
    return answer.status, json.loads(answer.body) if answer.body else None


def posted(talk: Talk, room: Room, **more: Any) -> dict[str, Any]:
    status, found = call(talk.webex, "POST", "messages", {"roomId": room.id, "markdown": "a", **more})
    assert status == 200
    return dict(found)


def a_card(**more: Any) -> dict[str, Any]:
    content = {"type": "AdaptiveCard", "version": "1.3", "body": [], "actions": [], **more}
    return {"contentType": CARD, "content": content}


def test_the_eleventh_edit_is_refused() -> None:
    with sharing() as talk:
        room = talk.webex.room(talk.ann)
        path = f"messages/{posted(talk, room)['id']}"
        found = [call(talk.webex, "PUT", path, {"roomId": room.id, "markdown": f"{n}"})[0] for n in range(11)]
        assert found == [200] * 10 + [400]


def test_cards_and_files_are_not_edited_and_stand_alone() -> None:
    with sharing() as talk:
        room = talk.webex.room(talk.ann)
        for more in ({"attachments": [a_card()]}, {"files": ["http://example.com/a.png"]}):
            path = f"messages/{posted(talk, room, **more)['id']}"
            assert call(talk.webex, "PUT", path, {"roomId": room.id, "markdown": "b"})[0] == 400


@pytest.mark.parametrize(
    "more",
    [
        {"markdown": "x" * 7_440},
        {"markdown": "é" * 3_720},
        {"markdown": ""},
        {"markdown": "", "attachments": [a_card()]},
        {"attachments": [a_card(), a_card()]},
        {"attachments": [a_card(version="1.4")]},
        {"attachments": [a_card(body=[{"type": "Table"}])]},
        {"attachments": [{"contentType": "text/html", "content": {}}]},
        {"files": ["http://a/1", "http://a/2"]},
        {"parentId": "nowhere"},
        {"toPersonId": "somebody"},
        {"roomId": None},
    ],
)
def test_a_message_that_webex_would_not_take(more: dict[str, Any]) -> None:
    with sharing() as talk:
        body = {"roomId": talk.webex.room(talk.ann).id, "markdown": "a", **more}
        assert call(talk.webex, "POST", "messages", body)[0] == 400


def test_a_reply_to_a_reply_is_refused() -> None:
    with sharing() as talk:
        room = talk.webex.room(talk.ann)
        reply = posted(talk, room, parentId=posted(talk, room)["id"])
        body = {"roomId": room.id, "markdown": "b", "parentId": reply["id"]}
        assert call(talk.webex, "POST", "messages", body)[0] == 400


def test_a_bot_sees_only_what_mentions_it() -> None:
    with sharing() as talk:
        room = talk.webex.room(talk.ann)
        said = talk.webex.say(room, talk.ann, "lunch?", mention=False)
        asked = talk.webex.say(room, talk.ann, "status")
        own = posted(talk, room)
        assert call(talk.webex, "GET", f"messages?roomId={room.id}")[0] == 403
        _, found = call(talk.webex, "GET", f"messages?roomId={room.id}&mentionedPeople=me")
        assert [one["id"] for one in found["items"]] == [asked.id]
        assert call(talk.webex, "GET", f"messages/{said.id}")[0] == 404
        assert call(talk.webex, "GET", f"messages/{own['id']}")[0] == 404
        assert call(talk.webex, "GET", f"messages/{asked.id}")[0] == 200


def test_a_bad_token_is_401_whatever_is_asked() -> None:
    with sharing() as talk:
        assert call(talk.webex, "GET", "people/me", token="other")[0] == 401
        assert call(talk.webex, "GET", "people/me")[0] == 200


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "teams", None),
        ("PATCH", "messages/x", {}),
        ("POST", "messages", {"roomId": "ROOM", "markdown": "a", "html": "<b>"}),
        ("GET", "messages?roomId=ROOM&sort=up", None),
        ("POST", "webhooks", {"name": "a", "targetUrl": "http://a", "resource": "messages", "event": "x", "extra": 1}),
        ("POST", "messages", {"roomId": "ROOM", "markdown": "a", "attachments": [a_card(body=[{"type": "Marquee"}])]}),
    ],
)
def test_what_webex_does_not_know_fails_the_test_at_its_end(method: str, path: str, body: Any) -> None:
    with pytest.raises(AssertionError, match="Webex knows nothing of"), WebexDouble() as webex:
        room = webex.room()
        if body and body.get("roomId"):
            body = {**body, "roomId": room.id}
        assert call(webex, method, path.replace("ROOM", room.id), body)[0] == 400


def test_a_fault_is_answered_as_often_as_it_was_ordered() -> None:
    with sharing() as talk:
        talk.webex.inject(Fault("GET", "people", 429, {"Retry-After": "3"}, times=2))
        assert [call(talk.webex, "GET", "people/me")[0] for _ in range(3)] == [429, 429, 200]


def test_what_was_posted_can_be_read_as_a_person_reads_it() -> None:
    with sharing() as talk:
        room = talk.webex.room(talk.ann)
        actions = [{"type": "Action.Submit", "title": "Why", "data": {"order": "why"}}]
        posted(talk, room, markdown="**a** \\_b\\_  \nc", attachments=[a_card(actions=actions)])
        (message,) = talk.webex.messages(room)
        assert message.content["text"] == "a _b_\nc"
        assert [button["title"] for button in buttons(message)] == ["Why"]
