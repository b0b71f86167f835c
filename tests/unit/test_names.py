"""Roles whose channels are named: they count where Slack says that the name is, and nowhere until it says so."""

import logging
from collections.abc import Iterator

import pytest

from bot.core.catalogue import Catalogue, Environment, Role, Service
from bot.core.model import Place, Who
from bot.core.rights import Asked, right
from bot.engine.names import Names
from bot.engine.reach import told, unheard
from tests.unit.slack_stub import Slack, slack
from tests.unit.strict import StrictPlatform

ANN = Who("slack", "U1", "ann", "ann@example.com")
RELEASES = {"id": "C0000001", "name": "releases"}


@pytest.fixture
def talk() -> Iterator[Slack]:
    with slack() as found:
        found.stub.says["conversations.list"] = {"channels": [RELEASES]}
        yield found


def catalogue(*channels: str) -> Catalogue:
    role = Role("deployers", ("deploy",), ("ann@example.com",), channels=channels)
    return Catalogue({"staging": Environment("staging", "main", "micro")}, roles=(role,))


def may(names: Names, channel: str) -> str:
    """Empty where Ann may; else why not."""
    decision = right(Asked(ANN, Place("slack", channel), "deploy", "webapp", "staging"), names())
    return "" if decision.allowed else decision.reason


@pytest.mark.parametrize("name", ["#releases", "releases"])
def test_a_name_counts_where_slack_says_it_is(talk: Slack, name: str) -> None:
    names = Names(lambda: catalogue(name, "C0000009"), [talk.platform])
    names.learn()
    assert may(names, "C0000001") == may(names, "C0000009") == ""
    assert f"Your role deployers counts in other channels only: {name}, C0000009." in may(names, "C0000002")


def test_before_slack_has_answered_it_grants_nothing(talk: Slack) -> None:
    talk.stub.says["conversations.list"] = {"error": "internal_error"}
    names = Names(lambda: catalogue("#releases"), [talk.platform])
    assert "No chat knows a channel #releases." in may(names, "C0000001")
    names.learn()
    assert "No chat knows a channel #releases." in may(names, "C0000001")


def test_a_name_that_moves_takes_the_right_along() -> None:
    """And one that is gone takes it away."""
    chat = Directory(releases="C0000001")
    names = Names(lambda: catalogue("#releases"), [chat])
    names.learn()
    chat.known["releases"] = "C0000002"
    names.learn()
    assert may(names, "C0000001")
    assert may(names, "C0000002") == ""
    chat.known.clear()
    names.learn()
    assert may(names, "C0000002")


def test_another_configuration_counts_at_once_with_the_names_that_are_known() -> None:
    stands = [catalogue("#releases")]
    names = Names(lambda: stands[0], [Directory(releases="C0000001")])
    names.learn()
    first = names()
    assert names() is first
    stands[0] = Catalogue(first.environments, {"webapp": Service("webapp")}, catalogue("#releases").roles)
    assert "webapp" in names().services
    assert may(names, "C0000001") == ""


def test_a_chat_without_names_knows_none() -> None:
    names = Names(lambda: catalogue("#releases"), [StrictPlatform()])
    names.learn()
    assert "No chat knows a channel #releases." in may(names, "#releases-2")


def test_a_name_that_nobody_knows_is_told_of(talk: Slack) -> None:
    talk.stub.says["conversations.info"] = {"error": "channel_not_found"}
    [found] = unheard([talk.platform], catalogue("#no-such", "C0000009"))
    assert (found.channel, found.services) == ("#no-such", ("role deployers",))
    assert "/invite @quarterdeck" in found.why
    assert told([found]).code == "unheard"


def test_it_asks_by_itself_and_says_what_it_knows(talk: Slack, caplog: pytest.LogCaptureFixture) -> None:
    names = Names(lambda: catalogue("#releases"), [talk.platform])
    with caplog.at_level(logging.INFO):
        names.start()
        talk.stub.asked_for("conversations.list")
        names.stop()
    assert may(names, "C0000001") == ""
    assert "channels that roles name: {'#releases': 'C0000001'}" in caplog.text


class Directory(StrictPlatform):
    """A chat whose channels bear the names that a test gives them."""

    def __init__(self, **known: str) -> None:
        super().__init__("slack")
        self.known = known

    def channel(self, name: str) -> str:
        plain = name.removeprefix("#")
        return self.known.get(plain, plain)
