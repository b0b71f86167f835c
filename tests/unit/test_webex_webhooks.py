"""Its own webhooks are registered, repaired and moved; those of others are left alone."""

import pytest
from msgspec.structs import replace

from bot.chat.webex import WebexAccess, WebexPlatform
from bot.core.errors import Unavailable
from bot.core.model import Message, Place, Reply
from bot.core.secret import Secret
from tests.contract.platform_kit import StillClock
from tests.contract.webex_kit import WEBHOOK_SECRET, Talk, sharing
from tests.servers.webex_faults import Fault
from tests.servers.webex_world import Json
from tests.unit.webex_talk import FastClock, until

OTHERS = {"name": "somebody's", "targetUrl": "http://elsewhere/", "resource": "messages", "event": "created"}


def hooks(talk: Talk) -> list[tuple[str, str, str, str, str]]:
    found = talk.webex.world.webhooks.values()
    return sorted((h["name"], h["resource"], h["targetUrl"], h["status"], h.get("secret", "")) for h in found)


def wanted(url: str, secret: str = WEBHOOK_SECRET) -> list[tuple[str, str, str, str, str]]:
    target = f"{url}/webex/events"
    return [
        ("quarterdeck buttons", "attachmentActions", target, "active", secret),
        ("quarterdeck messages", "messages", target, "active", secret),
    ]


def run(talk: Talk, access: WebexAccess | None = None) -> None:
    platform = WebexPlatform(access or talk.access, talk.clock)
    platform.start(lambda _request: None)
    assert platform.healthy() is None
    platform.stop()


def test_they_are_registered_once_however_often_it_starts() -> None:
    with sharing() as talk:
        run(talk)
        before = dict(talk.webex.world.webhooks)
        run(talk)
        assert hooks(talk) == wanted(talk.access.public_url or "")
        assert talk.webex.world.webhooks == before


def test_they_move_with_the_address_and_the_secret() -> None:
    with sharing() as talk:
        run(talk)
        ids = set(talk.webex.world.webhooks)
        run(talk, replace(talk.access, public_url="https://other.example.com/", webhook_secret=Secret("new")))
        assert hooks(talk) == wanted("https://other.example.com", "new")
        assert set(talk.webex.world.webhooks) == ids


@pytest.mark.parametrize(
    "wrong", [{"status": "inactive"}, {"filter": "roomId=x"}, {"event": "deleted"}, {"secret": None}]
)
def test_what_is_wrong_with_them_is_repaired(wrong: Json) -> None:
    with sharing() as talk:
        run(talk)
        for hook in talk.webex.world.webhooks.values():
            hook.update(wrong)
        run(talk)
        assert hooks(talk) == wanted(talk.access.public_url or "")


def test_doubles_go_and_others_stay() -> None:
    with sharing() as talk:
        run(talk)
        world = talk.webex.world
        for number, hook in enumerate([*world.webhooks.values(), OTHERS]):
            world.webhooks[f"more{number}"] = {**hook, "id": f"more{number}", "status": "active"}
        talk.webex.page = 1
        run(talk)
        assert [name for name, *_ in hooks(talk)] == ["quarterdeck buttons", "quarterdeck messages", "somebody's"]


def test_they_are_repaired_while_it_runs() -> None:
    with sharing() as talk:
        platform = WebexPlatform(talk.access, FastClock())
        platform.start(lambda _request: None)
        for hook in talk.webex.world.webhooks.values():
            hook["status"] = "inactive"
        until(lambda: hooks(talk) == wanted(talk.access.public_url or ""))
        platform.stop()


def test_a_token_that_was_refused_for_a_moment_is_tried_again_without_anybody_asking() -> None:
    """Who is not ready is sent nothing, so no delivery would ever show that it is well again."""
    with sharing() as talk:
        room = talk.webex.room(talk.ann)
        platform = WebexPlatform(talk.access, StillClock())
        platform.start(lambda _request: None)
        talk.webex.inject(Fault("POST", "messages", 401))
        with pytest.raises(Unavailable):
            platform.post(Message("order:1", Place("webex", room.id), Reply("a")))
        assert platform.healthy() == "Webex does not accept the bot's token."
        until(lambda: platform.healthy() is None)
        platform.stop()


def test_webex_away_at_the_start_is_asked_again() -> None:
    with sharing() as talk:
        talk.webex.inject(Fault("GET", "webhooks", 503, times=2))
        platform = WebexPlatform(talk.access, FastClock())
        platform.start(lambda _request: None)
        until(lambda: platform.healthy() is None)
        assert hooks(talk) == wanted(talk.access.public_url or "")
        platform.stop()


def test_without_an_address_it_says_what_is_missing() -> None:
    with sharing() as talk:
        platform = WebexPlatform(replace(talk.access, public_url=None), talk.clock)
        platform.start(lambda _request: None)
        assert "web.public_url is not set" in (platform.healthy() or "")
        platform.stop()
        assert hooks(talk) == []


def test_a_secret_is_not_optional() -> None:
    with pytest.raises(ValueError, match="webhook_secret"):
        WebexAccess(Secret("token"), Secret(""))
