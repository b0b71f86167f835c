"""A secret is read by name only: never by printing, logging, comparing texts or storing."""

import json
import logging
import pickle
from datetime import UTC, datetime
from io import StringIO

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core import render
from bot.core.errors import Invalid
from bot.core.model import Order, Place, Request, Who, Words
from bot.core.secret import MASK, Secret
from bot.core.workload import SetEnv
from bot.store.sql.codec import encode
from bot.web.telemetry import JsonLines
from tests.unit.talk import Talk

NOW = datetime(2026, 11, 20, tzinfo=UTC)
SECRETS = st.text(st.characters(codec="ascii", categories=("L", "N")), max_size=40).map("Xyzzy7{}".format)


@given(value=SECRETS)
def test_no_way_of_writing_it_shows_it(value: str) -> None:
    secret = Secret(value)
    written = [str(secret), repr(secret), f"{secret}", f"{secret:>10}", repr([secret]), repr({"a": secret})]
    assert not any(value in text for text in written)
    assert secret.reveal() == value


@given(value=SECRETS)
def test_a_log_line_shows_its_mask(value: str) -> None:
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    record = logging.LogRecord("q", logging.INFO, "", 0, "logged in with %s", (Secret(value),), None)
    handler.emit(record)
    assert value not in stream.getvalue()
    assert json.loads(stream.getvalue())["said"] == f"logged in with {MASK}"


@given(value=SECRETS)
def test_what_is_stored_of_an_action_has_its_mask_or_nothing(value: str) -> None:
    action = SetEnv("app", ("A",), values=(Secret(value),))
    assert value not in encode(action)


@given(value=SECRETS)
def test_a_masked_order_has_forgotten_the_value(value: str) -> None:
    request = Request("1", Who("x", "1", "n"), Place("x", "c"), f"set app A={value} in staging", NOW)
    order = Order(request, "set", Words("set", {"service": "app"}, (f"A={value}",)), "app", "staging").masked()
    assert value not in repr(order)
    assert order.request.text == f"set app A={MASK} in staging"


def test_a_secret_is_neither_pickled_nor_iterated() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(Secret("x"))
    with pytest.raises(TypeError):
        list(Secret("x"))
    with pytest.raises((TypeError, NotImplementedError)):
        msgspec.json.encode(Secret("x"))


def test_an_error_about_a_secret_shows_its_mask() -> None:
    error = Invalid(f"{Secret('xyzzy')} was refused.")
    assert "xyzzy" not in f"{error}{error!r}{render.refusal(error)}"


def test_an_order_that_cannot_be_read_does_not_repeat_the_value(bot: Talk) -> None:
    reply = bot.say("set webapp TOKEN=xyzzy --nonsense in staging")
    assert reply.code == "usage"
    assert "xyzzy" not in repr(reply)
    assert "xyzzy" not in repr(bot.messages())
