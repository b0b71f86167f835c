"""The door at which programs invite people: who may, how often, and what it answers."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import httpx
import pytest

from bot.core.model import BOT, Reply, Request
from bot.core.secret import Secret
from bot.web.invite import MOST, invite_routes
from tests.contract.platform_kit import NOW
from tests.unit.test_web import serving

TOKEN = "a-long-random-token"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
ANN = {"email": "ann@example.com"}


class Ticking:
    """Stands until it is moved."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at

    def real(self, seconds: float) -> float:
        return seconds


class Door:
    def __init__(self, reply: Reply | None = None) -> None:
        self.reply = reply
        self.orders: list[Request] = []
        self.counted: Counter[str] = Counter()
        self.clock = Ticking()

    def carry_out(self, request: Request) -> Reply | None:
        self.orders.append(request)
        return self.reply

    def count(self, _name: str, outcome: str) -> None:
        self.counted[outcome] += 1


@contextmanager
def door(reply: Reply | None = None) -> Iterator[tuple[Door, httpx.Client]]:
    made = Door(reply or Reply("ann@example.com invited in Webex"))
    routes = invite_routes({"webex": Secret(TOKEN)}, made.carry_out, made.clock, made.count)
    with serving(*routes, largest=20_000) as client:
        yield made, client


def test_an_invitation_is_an_order_in_the_name_of_the_configuration() -> None:
    with door() as (made, client):
        answer = client.post("/webex/invite", json=ANN, headers=BEARER)
    assert (answer.status_code, answer.text) == (200, "ann@example.com invited in Webex\n")
    order = made.orders[0]
    assert (order.text, order.who.platform, order.who.mention) == ("invite ann@example.com", BOT, "@webex/invite")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer wrong"},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": TOKEN},
        {"Authorization": f"Bearer {TOKEN}x"},
    ],
)
def test_who_does_not_prove_themselves_is_told_nothing(headers: dict[str, str]) -> None:
    with door() as (made, client):
        answer = client.post("/webex/invite", json=ANN, headers=headers)
    assert (answer.status_code, answer.text, made.orders) == (401, "", [])
    assert made.counted == {"401": 1}


def test_a_proof_in_letters_that_nobody_has_is_as_wrong_as_any() -> None:
    with door() as (_, client):
        assert client.post("/webex/invite", json=ANN, headers={b"Authorization": b"Bearer \xff\xfe"}).status_code == 401


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
def test_a_link_preview_invites_nobody(method: str) -> None:
    with door() as (made, client):
        answer = client.request(method, "/webex/invite?email=ann@example.com", headers=BEARER)
    assert (answer.status_code, made.orders) == (405, [])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"email": 7}',
        b'{"email": "ann"}',
        b'{"email": "ann@example.com --dry-run"}',
        b'{"email": "ann@example.com\\nunlock web_app"}',
        b'{"email": "' + b"a" * 300 + b'@example.com"}',
        b"[" * 3_000,
        b"\xff\xfe",
        b"email=ann@example.com",
    ],
)
def test_what_is_no_address_becomes_no_order(body: bytes) -> None:
    with door() as (made, client):
        answer = client.post("/webex/invite", content=body, headers=BEARER)
    assert (answer.status_code, made.orders) == (400, [])


def test_more_than_an_address_takes_is_not_read() -> None:
    with door() as (made, client):
        assert client.post("/webex/invite", content=b"x" * 5_000, headers=BEARER).status_code == 413
        assert client.post("/webex/invite", content=iter([b"x" * 3_000] * 2), headers=BEARER).status_code == 413
    assert made.orders == []


def test_so_many_in_a_minute_and_no_more() -> None:
    with door() as (made, client):
        for _ in range(MOST):
            assert client.post("/webex/invite", json=ANN, headers=BEARER).status_code == 200
        made.clock.at += timedelta(seconds=20)
        refused = client.post("/webex/invite", json=ANN, headers=BEARER)
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "40")
        made.clock.at += timedelta(seconds=40)
        assert client.post("/webex/invite", json=ANN, headers=BEARER).status_code == 200
    assert len(made.orders) == MOST + 1


@pytest.mark.parametrize(
    ("code", "status"),
    [("usage", 400), ("not_allowed", 403), ("not_found", 404), ("refused", 409), ("unavailable", 503), ("else", 422)],
)
def test_what_became_of_it_is_the_status(code: str, status: int) -> None:
    with door(Reply("Only people of domains that are named are invited.", code=code)) as (_, client):
        assert client.post("/webex/invite", json=ANN, headers=BEARER).status_code == status


def test_without_a_token_there_is_no_door() -> None:
    assert invite_routes({}, Door().carry_out, Ticking(), Door().count) == []
