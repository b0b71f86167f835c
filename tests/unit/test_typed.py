"""Every button and every order that an answer shows can be pressed or pasted as it stands."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.core.parse import parse
from bot.core.render import VERBATIM
from commands import load

GOLDEN = Path(__file__).parents[1] / "golden"
SHAPES = {name: command.shape for name, command in load().items()}
ANSWERS = sorted(path for path in GOLDEN.glob("*/*.txt") if path.parent.name not in ("slack", "webex"))


def reply(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text().partition("\n---\n")[2])
    return found


def shown(answer: dict[str, Any]) -> Iterator[str]:
    """What stands apart and begins with the name of an order; the rest are logs and usage lines."""
    for line in answer["body"].splitlines():
        if line.startswith(VERBATIM) and line.split()[0] in SHAPES:
            yield line.strip()


def test_there_are_answers_to_look_at() -> None:
    assert sum(len(reply(path)["buttons"]) for path in ANSWERS) > len(ANSWERS) / 2


@pytest.mark.parametrize("path", ANSWERS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_what_is_offered_is_an_order(path: Path) -> None:
    answer = reply(path)
    for order in [*(button["command"] for button in answer["buttons"]), *shown(answer)]:
        assert parse(order, SHAPES), order


@pytest.mark.parametrize("path", ANSWERS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_button_is_a_word_or_two(path: Path) -> None:
    labels = [button["label"] for button in reply(path)["buttons"]]
    assert len(set(labels)) == len(labels)
    assert all(0 < len(label) <= 40 for label in labels)
