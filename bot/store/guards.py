"""What stands in an order's way: locks, freezes, people who have to agree, and who is at it just now."""

from datetime import datetime
from typing import Protocol

from bot.core.guards import Ask, Freeze
from bot.core.locks import Lock
from bot.core.model import Who


class Locks(Protocol):
    def take_lock(self, lock: Lock) -> Lock | None:
        """None when taken; the lock that stands there when not. Atomic across replicas.

        One that is over by then gives way, and one of the same person's is renewed.
        """

    def release_lock(self, service: str, environment: str) -> Lock | None: ...

    def locks(self) -> list[Lock]: ...


class Freezes(Protocol):
    def freeze(self, freeze: Freeze) -> Freeze | None:
        """In place of the one that stood there, which is returned."""

    def unfreeze(self, environment: str) -> Freeze | None: ...

    def freezes(self) -> list[Freeze]: ...

    def guards(self) -> tuple[list[Lock], list[Freeze]]:
        """Both of one moment: every order asks twice what stands in its way."""


class Asks(Protocol):
    """Changes that wait for people. Each is settled once, however many try at the same time."""

    def ask(self, ask: Ask) -> Ask:
        """With the number it got. One that was settled by a first answer is asked on under the number it has.

        From that moment no replica is at its order, and none takes it for cut off.
        """

    def asked(self, number: int) -> tuple[Ask, str | None] | None:
        """And how it was settled; None while it waits."""

    def open_asks(self) -> list[Ask]:
        """Oldest first."""

    def agree(self, number: int, who: Who) -> list[Who]:
        """Everybody who has agreed so far, in turn; one person counts once, on whatever platform."""

    def agreed(self, number: int) -> list[Who]: ...

    def settle(self, ask: Ask, how: str, replica: str) -> bool:
        """True for the one who settled it, and whose its order is from that moment: nobody takes it for cut off."""


class Claims(Protocol):
    """One change at a time per target, for the length of `apply` only."""

    def claim(self, target: str, owner: str, now: datetime, until: datetime) -> str | None:
        """None when claimed; who is at it when not. A claim past `until` counts for nothing."""

    def unclaim(self, target: str, owner: str) -> None: ...
