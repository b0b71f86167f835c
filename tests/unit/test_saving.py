"""What waits for the store has a bound."""

from functools import partial

from bot.core.errors import Unavailable
from bot.engine.saving import Surely


def test_of_too_much_the_newest_waits_on() -> None:
    away, done = [True], list[int]()

    def step(number: int) -> None:
        if away:
            raise Unavailable("The store does not answer.")
        done.append(number)

    surely: Surely[int] = Surely(most=3)
    for number in range(5):
        assert not surely(number, partial(step, number))
    away.clear()
    surely.again()
    assert done == [2, 3, 4]
