"""Stores that do not answer at a chosen call, and a bot on one of them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

from bot.core.errors import Unavailable
from bot.core.model import Message
from bot.store import Store
from tests.unit.talk import Talk


class Flaky:
    """Away for some calls of one kind: for the first so many `when` what they are given is the right thing."""

    def __init__(self, store: Store, call: str, times: int, when: Callable[..., bool] = lambda *_: True) -> None:
        self._store, self._call, self._times, self._when = store, call, times, when
        self.refused = self.answered = 0

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._store, name)

        def answer(*given: Any, **named: Any) -> Any:
            if self.refused < self._times and self._when(*given):
                self.refused += 1
                raise Unavailable("The store does not answer.")
            found = call(*given, **named)
            self.answered += 1
            return found

        return answer if name == self._call else call


class Away:
    """One call fails for as long as something lasts."""

    def __init__(self, store: Store, call: str, lasts: Callable[[], bool]) -> None:
        self._store, self._call, self._lasts = store, call, lasts

    def __getattr__(self, name: str) -> Any:
        if name == self._call and self._lasts():
            raise Unavailable("The store does not answer.")
        return getattr(self._store, name)


def stand_on(bot: Talk, store: object) -> None:
    """Another life of the bot, on this store."""
    bot.bot.stop()
    bot.parts = replace(bot.parts, store=cast(Store, store))
    bot.bot = bot._new()
    bot.bot.start()


def about(kind: str) -> Callable[..., bool]:
    """Of messages, those under such a key."""

    def is_one(*given: object) -> bool:
        return all(thing.key.startswith(kind) for thing in given if isinstance(thing, Message))

    return is_one
