"""Long output in a Slack workspace that is not ours, by all three steps of an upload."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.core.model import Message, Place, Reply, Request
from tests.contract.slack_kit import ANN, SlackKit, the_slack

LINES = [f"line {number} {'x' * 100}" for number in range(200)]
LOGS = Reply("web_app · log", body="\n".join(f"    {line}" for line in LINES))


@pytest.fixture
def kit() -> Iterator[SlackKit]:
    kit = SlackKit(the_slack())
    kit.platform.start(lambda _request: None)
    yield kit
    kit.platform.stop()


def files(kit: SlackKit, channel: str) -> list[dict[str, Any]]:
    return [m for m in kit.slack.messages(channel) if m.get("files")]


def test_it_is_a_file_in_the_thread_of_its_message(kit: SlackKit) -> None:
    place = kit.platform.post(Message("order:1", kit.place, LOGS))
    [shared] = files(kit, kit.place.channel)
    assert shared["thread_ts"] == place.message
    [file] = shared["files"]
    assert (file["name"], file["title"], file["size"]) == ("output.txt", "web_app · log", len("\n".join(LINES)))


def test_what_is_private_is_nowhere_but_with_its_reader(kit: SlackKit) -> None:
    before = len(files(kit, "D01ANN"))
    kit.platform.whisper(Request("C1:1.1", kit.person, kit.place, "logs web_app", datetime.now(UTC)), LOGS)
    assert files(kit, kit.place.channel) == []
    assert len(files(kit, "D01ANN")) == before + 1
    [said] = kit.slack.messages(kit.place.channel)
    assert said["ephemeral_to"] == ANN
    assert "All of it is in your direct messages with" in said["text"]


def test_in_direct_messages_it_stands_above_the_answer(kit: SlackKit) -> None:
    there = Place("slack", "D01ANN")
    kit.platform.whisper(Request("D01ANN:1.1", kit.person, there, "logs web_app", datetime.now(UTC)), LOGS)
    shared, said = kit.slack.messages("D01ANN")[-2:]
    assert shared.get("files")
    assert said["text"].endswith("All of it is in the file above.")
