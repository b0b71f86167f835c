"""A bot that runs for a year remembers which orders are its own, and not all of them."""

from pathlib import Path

from bot.engine.mine import Mine
from tests.unit.talk import talking


def test_the_newest_are_known_and_given_again_is_new() -> None:
    mine = Mine(most=2)
    for key in ("first", "second", "first", "third"):
        mine.add(key)
    assert [key in mine for key in ("first", "second", "third")] == [True, False, True]
    assert None not in mine


def test_questions_take_up_no_room(tmp_path: Path) -> None:
    with talking(tmp_path, lead=False) as bot:
        asked, ordered = bot.begin("status webapp in staging"), bot.begin("scale webapp 3 in staging")
        for key in (asked, ordered):
            bot.answer(key)
        assert [bot.bot.dispatcher.is_mine(key) for key in (asked, ordered)] == [False, True]
