"""The order `invite`, from a room of Webex and from a chat that can invite nobody."""

from pathlib import Path

import pytest

from bot.core.parse import parse
from bot.core.render import FIRST_ORDERS
from commands import load
from tests.servers.webex import buttons
from tests.servers.webex_faults import Fault
from tests.servers.webex_world import OTHER_ORG
from tests.unit.test_webex_story import scene
from tests.unit.webex_talk import until

OURS = frozenset({"example.com"})
GREETING = "Quarterdeck deploys and watches services from chat"


def test_somebody_is_invited_and_can_begin(tmp_path: Path) -> None:
    with scene(tmp_path, domains=OURS) as made:
        bob = made.webex.person("Bob", "bob@example.com")
        made.says("invite bob@example.com")
        done = made.live("bob@example.com invited in Webex")
        assert "change nothing" in done.content["text"]
        room = made.webex.direct(bob)
        greeting, card = made.webex.messages(room)
        assert greeting.content["text"].splitlines()[:2] == [
            GREETING,
            "@Ann invited you. Type an order here, or mention it in a room that it is in.",
        ]
        whoami = next(button for button in buttons(card) if button["data"]["order"] == "whoami")
        made.webex.press(card, bob, whoami["data"])
        until(lambda: any("You are @Bob" in str(m.content.get("text")) for m in made.webex.messages(room)))
        entry = made.parts.store.audit()[0]
        assert (entry.text, entry.who.name, entry.after, entry.outcome) == (
            "invite bob@example.com",
            "Ann",
            "bob@example.com",
            "applied",
        )


def test_nobody_is_written_to_twice_in_an_hour(tmp_path: Path) -> None:
    with scene(tmp_path, domains=OURS) as made:
        bob = made.webex.person("Bob", "bob@example.com")
        made.says("invite bob@example.com")
        made.live("bob@example.com invited in Webex")
        made.says("invite BOB@example.com")
        made.live("BOB@example.com was invited within the last hour.")
        assert len([m for m in made.webex.messages(made.webex.direct(bob)) if not buttons(m)]) == 1


def test_an_invitation_that_did_not_arrive_can_be_sent_again(tmp_path: Path) -> None:
    with scene(tmp_path, domains=OURS) as made:
        bob = made.webex.person("Bob", "bob@example.com")
        made.says("whoami")
        made.live("The answer is for you alone")
        made.says("invite carol@example.com")
        made.live("Webex knows nobody of the address carol@example.com")
        made.webex.inject(Fault("POST", "messages", 503, times=3))
        made.says("invite bob@example.com")
        made.live("trouble of its own")
        made.says("invite bob@example.com")
        made.live("bob@example.com invited in Webex")
        assert made.webex.messages(made.webex.direct(bob))[0].content["text"].startswith(GREETING)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("eve@elsewhere.test", "Only people of the domains that are named"),
        ("eve@sub.example.com", "Only people of the domains that are named"),
        ("eve@elsewhere.test@example.com", "is no e-mail address"),
        ("eve", "is no e-mail address"),
        ("eve@example.com,ann@example.com", "is no e-mail address"),
    ],
)
def test_who_is_not_invited(tmp_path: Path, address: str, said: str) -> None:
    with scene(tmp_path, domains=OURS) as made:
        before = len(made.webex.world.rooms)
        made.says(f"invite {address}")
        made.live(said)
        assert len(made.webex.world.rooms) == before


def test_without_a_role_and_from_elsewhere_nobody_invites(tmp_path: Path) -> None:
    with scene(tmp_path, domains=OURS) as made:
        stranger = made.webex.person("Eve", "eve@example.com")
        other = made.webex.person("Mallory", "mallory@example.com", org=OTHER_ORG)
        for person in (stranger, other):
            made.room.members.add(person.id)
            made.webex.say(made.room, person, "invite bob@example.com")
        made.live("You may not invite")
        made.live("This bot takes no orders from you")
        assert all(room.type == "group" for room in made.webex.world.rooms.values())


@pytest.mark.parametrize("order", FIRST_ORDERS)
def test_the_orders_to_begin_with_are_orders(order: str) -> None:
    assert parse(order, {name: command.shape for name, command in load().items()}).name == order
