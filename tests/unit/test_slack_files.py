"""Long output is in a file beside the message; where that cannot be, whoever reads the message is told."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from queue import Empty

import pytest

from bot.core.model import Message, Place, Reply, Request, Who
from tests.unit.slack_stub import Slack, slack

LOGS = Reply("web_app · log & more", body="\n".join(f"    line {number} {'x' * 100}" for number in range(200)))
PLACE = Place("slack", "C1")
ANN = Who("slack", "U1", "ann")
BEGUN, ENDED = "files.getUploadURLExternal", "files.completeUploadExternal"
LACKING = {"error": "missing_scope", "needed": "files:write", "provided": "chat:write"}


@pytest.fixture
def talk() -> Iterator[Slack]:
    with slack() as talk:
        talk.stub.says[BEGUN] = {"upload_url": f"{talk.stub.url}upload", "file_id": "F1"}
        talk.stub.says[ENDED] = {"files": [{"id": "F1"}]}
        talk.stub.says["conversations.open"] = {"channel": {"id": "D1"}}
        yield talk


def asked_no_more(talk: Slack, method: str) -> bool:
    try:
        while talk.stub.asked.get_nowait()[0] != method:
            pass
    except Empty:
        return True
    return False


def test_it_stands_in_the_thread_of_its_message(talk: Slack) -> None:
    place = talk.platform.post(Message("order:1", PLACE, LOGS))
    assert int(talk.stub.asked_for(BEGUN)["length"]) > 20_000
    ended = talk.stub.asked_for(ENDED)
    assert (ended["channel_id"], ended["thread_ts"]) == ("C1", place.message)
    assert json.loads(ended["files"]) == [{"id": "F1", "title": "web_app · log & more"}]


def test_it_is_put_under_what_is_edited_for_the_last_time_and_once(talk: Slack) -> None:
    stands = Place("slack", "C1", message="1.000001")
    talk.platform.edit(stands, Message("order:1", PLACE, LOGS, final=False))
    assert asked_no_more(talk, BEGUN)
    talk.platform.edit(stands, Message("order:1", PLACE, LOGS))
    assert talk.stub.asked_for(ENDED)["thread_ts"] == "1.000001"
    talk.platform.edit(stands, Message("order:1", PLACE, LOGS))
    assert asked_no_more(talk, BEGUN)


def test_where_there_can_be_none_the_thread_says_so(talk: Slack) -> None:
    talk.stub.says[BEGUN] = LACKING
    place = talk.platform.post(Message("order:1", PLACE, LOGS))
    assert place.message == "1.000001"
    assert talk.stub.asked_for("chat.postMessage")["metadata"]["event_payload"] == {"key": "order:1"}
    said = talk.stub.asked_for("chat.postMessage")
    assert said["thread_ts"] == place.message
    assert said["metadata"]["event_payload"] == {"key": "order:1:file"}
    assert said["text"].split("\n") == [
        "! Not all of it could be shown.",
        "Slack did not let the bot do that. It lacks the scope files:write.",
        "    quarterdeck slack-manifest",
    ]


def test_a_file_that_is_refused_halfway_is_no_failure_either(talk: Slack) -> None:
    talk.stub.faults["upload"] = (500, {}, b"")
    talk.platform.post(Message("order:1", PLACE, LOGS))
    talk.stub.asked_for("chat.postMessage")
    assert "Not all of it could be shown." in talk.stub.asked_for("chat.postMessage")["text"]


def whispered(talk: Slack) -> str:
    request = Request("C1:1.1", ANN, PLACE, "logs web_app", datetime.now(UTC))
    talk.platform.whisper(request, LOGS)
    said = talk.stub.asked_for("chat.postEphemeral")
    assert said["blocks"][-1]["elements"][0]["text"] == said["text"].rpartition("\n")[2]
    return str(said["text"].rpartition("\n")[2])


def test_what_is_private_goes_where_the_bot_is_alone_with_its_reader(talk: Slack) -> None:
    talk.platform.whisper(Request("C1:0.1", ANN, PLACE, "logs", datetime.now(UTC)), Reply("short", body="    one line"))
    assert asked_no_more(talk, BEGUN)
    assert whispered(talk) == "All of it is in your direct messages with quarterdeck."
    request = Request("C1:1.2", ANN, PLACE, "logs web_app", datetime.now(UTC))
    talk.platform.whisper(request, LOGS)
    ended = talk.stub.asked_for(ENDED)
    assert (ended["channel_id"], ended.get("thread_ts")) == ("D1", None)


def test_what_is_asked_for_there_is_answered_there(talk: Slack) -> None:
    request = Request("D1:1.1", ANN, Place("slack", "D1", thread="1.1"), "logs web_app", datetime.now(UTC))
    talk.platform.whisper(request, LOGS)
    ended = talk.stub.asked_for(ENDED)
    assert (ended["channel_id"], ended["thread_ts"]) == ("D1", "1.1")
    said = talk.stub.asked_for("chat.postMessage")
    assert (said["channel"], said["text"].rpartition("\n")[2]) == ("D1", "All of it is in the file above.")


def test_where_that_cannot_be_the_private_answer_says_so(talk: Slack) -> None:
    talk.stub.says[BEGUN] = LACKING
    assert whispered(talk) == (
        "Not all of it could be shown. Slack did not let the bot do that. It lacks the scope files:write."
    )
