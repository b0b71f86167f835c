"""A value that must never be read by accident: not in a log, a traceback, a reply or a repr."""

from typing import Any, NoReturn

MASK = "•••"


class Secret:
    """Holds one secret. `reveal()` is the only way to the value, so every use can be found by name."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __str__(self) -> str:
        return MASK

    __repr__ = __str__

    def __format__(self, spec: str) -> str:
        return MASK

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __bool__(self) -> bool:
        return bool(self._value)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is never pickled")

    def __iter__(self) -> Any:
        raise TypeError("a Secret is not a sequence")


def mask_assignment(word: str) -> str:
    name, sign, value = word.partition("=")
    return f"{name}={MASK}" if sign and value else word


def mask_from(text: str) -> str:
    """From the first value on: where it ends only the parser of that order would know."""
    before, sign, _ = text.partition("=")
    return f"{before}={MASK}" if sign else text
