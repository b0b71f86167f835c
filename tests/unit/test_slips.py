"""A slip of the fingers is put right; prose is no order and gets no guess, but what to begin with."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import UsageError
from bot.core.parse import parse
from bot.core.parse.slips import distance, slips
from bot.core.render import FIRST_ORDERS, refusal
from commands import load

SHAPES = {name: command.shape for name, command in load().items()}
LETTERS = st.text("abcdest", max_size=8)


def refused(text: str) -> UsageError:
    with pytest.raises(UsageError) as raised:
        parse(text, SHAPES)
    return raised.value


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("depoly adderservice 9ab01de", "deploy adderservice 9ab01de"),
        ("/deplyo adderservice 9ab01de", "deploy adderservice 9ab01de"),
        ("Deploys adderservice 9ab01de", "deploy adderservice 9ab01de"),
        ("eploy adderservice 9ab01de", "deploy adderservice 9ab01de"),
        ("statsu", "status"),
        ("stauts in staging", "status in staging"),
        ("state of production", "help status"),
        ("log adderservice", "logs adderservice"),
        ("logd adderservice", "logs adderservice"),
        ("wyh adderservice", "why adderservice"),
        ("lokc webapp deep dive", "lock webapp deep dive"),
        ("approv 17", "approve 17"),
        ("hist webapp", "history webapp"),
        ("roll back webapp", "rollback webapp"),
        ("hlep", "help"),
        ("rolback", "help rollback"),
    ],
)
def test_a_slip_is_put_right(text: str, meant: str) -> None:
    error = refused(text)
    assert error.fact.startswith("Did you mean ")
    assert error.hint == meant


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        "Hi",
        "hey there",
        "hola",
        "ok",
        "thanks",
        "what is going on",
        "whats up",
        "who are you",
        "can you help me",
        "how do I deploy",
        "show me the status",
        "i like turtles",
        "get pods",
        "ls",
        "look at this",
        "very nice",
        "my pods crash",
        "project x is late",
        "improve it",
        "the build is broken",
        "?",
        "😀",
        "x" * 4_000,
    ],
)
def test_prose_is_told_what_to_begin_with(text: str) -> None:
    reply = refusal(refused(text), text)
    assert reply.title.startswith("There is no order ")
    assert "Did you mean" not in reply.body
    assert [line.strip() for line in reply.body.splitlines()[1:]] == list(FIRST_ORDERS)


@pytest.mark.parametrize("name", SHAPES)
def test_of_an_order_two_swapped_letters_mean_that_order(name: str) -> None:
    """But of `at`, which is too short to tell."""
    for at in range(len(name) - 1):
        typed = f"{name[:at]}{name[at + 1]}{name[at]}{name[at + 2 :]}"
        if typed != name and len(name) > 2:
            assert slips(typed, SHAPES)[0] == name


@given(LETTERS, LETTERS)
def test_a_distance_is_the_same_from_both_ends(one: str, other: str) -> None:
    far = distance(one, other)
    assert far == distance(other, one)
    assert (far == 0) == (one == other)
    assert abs(len(one) - len(other)) <= far <= max(len(one), len(other))
