"""Channels of the configuration in which the bot cannot speak: told before the first announcement is lost."""

import logging
from collections.abc import Iterator

import pytest

from bot.clock import SystemClock
from bot.core.catalogue import Catalogue, Route, Service
from bot.core.events import TagFound
from bot.core.model import Place
from bot.core.workload import Image
from bot.engine.reach import told, unheard, warn
from bot.parts import routed
from tests.unit.slack_stub import Slack, slack

NAMED = {"conversations.list": {"channels": [{"id": "C0000001", "name": "deploys"}, {"id": "C0000002", "name": "ops"}]}}


@pytest.fixture
def talk() -> Iterator[Slack]:
    with slack() as found:
        found.stub.says.update(NAMED)
        yield found


def catalogue(**channel: str) -> Catalogue:
    return Catalogue({}, {name: Service(name, channels={"slack": where}) for name, where in channel.items()})


def test_a_channel_it_is_not_in_is_told_once_with_what_to_type(talk: Slack, caplog: pytest.LogCaptureFixture) -> None:
    talk.stub.says["conversations.info"] = {"channel": {"id": "C0000001", "name": "deploys", "is_member": False}}
    known = catalogue(adder="deploys", webapp="deploys")
    with caplog.at_level(logging.WARNING):
        warn([talk.platform], known)
    assert [record.getMessage() for record in caplog.records] == [
        "nothing can be said in slack channel deploys of adder, webapp: "
        "quarterdeck is not in #deploys. Let it in: /invite @quarterdeck"
    ]
    reply = told(list(unheard([talk.platform], known)))
    assert (reply.title, reply.code) == ("The bot cannot speak in 1 channel of the configuration", "unheard")


def test_where_it_is_everywhere_that_is_said_too(talk: Slack) -> None:
    found = list(unheard([talk.platform], catalogue(adder="C0000001")))
    assert (found, told(found).code) == ([], "")


def test_a_slack_that_is_away_is_told_of_as_well(talk: Slack) -> None:
    talk.stub.says["conversations.info"] = {"error": "internal_error"}
    [found] = unheard([talk.platform], catalogue(adder="C0000001"))
    assert found.why == "Slack has trouble of its own. It said internal_error."


def test_an_announcement_goes_to_the_id_of_a_name(talk: Slack) -> None:
    named = catalogue(adder="#deploys", webapp="ops", docs="C0000003", gone="no-such")
    routes = routed(lambda: named, [talk.platform], SystemClock())
    places = {name: list(routes(TagFound(name, Image("r", "t")))) for name in ("adder", "webapp", "docs", "gone")}
    assert places == {
        "adder": [Place("slack", "C0000001")],
        "webapp": [Place("slack", "C0000002")],
        "docs": [Place("slack", "C0000003")],
        "gone": [Place("slack", "no-such")],
    }
    asked = [talk.stub.asked.get()[0] for _ in range(talk.stub.asked.qsize())]
    assert asked.count("conversations.list") == 1


def test_the_channels_of_routes_are_tried_too(talk: Slack) -> None:
    talk.stub.says["conversations.info"] = {"channel": {"id": "C0000001", "name": "deploys", "is_member": False}}
    routes = (Route({"slack": ("deploys",)}),)
    assert [found.services for found in unheard([talk.platform], Catalogue({}, routes=routes))] == [("routes[0]",)]
