"""The orders that may have been meant where fingers slipped. Prose gets no guess: a wrong one is worse than none."""

from collections.abc import Iterable

SWAPPED, LONG, PREFIX = 3, 6, 4


def slips(typed: str, names: Iterable[str]) -> list[str]:
    """Best first; of two that are equally near the one with the same letters."""
    close = [(distance(typed, name), sorted(typed) != sorted(name), name) for name in names if _near(typed, name)]
    return [name for *_, name in sorted(close, key=lambda found: found[:2])]


def doubtful(typed: str, name: str) -> bool:
    """Short names are one letter away from words that people write: look for lock, very for every."""
    if len(name) >= LONG or sorted(typed) == sorted(name):
        return False
    return len(typed) == len(name) or typed[0] != name[0]


def distance(one: str, other: str) -> int:
    """How many letters were left out, put in, taken for others, or swapped with the next."""
    before, last = [0] * (len(other) + 1), list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            row.append(min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b)))
            if i > 1 and j > 1 and (a, one[i - 2]) == (other[j - 2], b):
                row[j] = min(row[j], before[j - 2] + 1)
        before, last = last, row
    return last[-1]


def _near(typed: str, name: str) -> bool:
    """In two letters of six, or one of four: shorter names are in too many words."""
    if len(typed) >= PREFIX and name.startswith(typed):
        return True
    if abs(len(typed) - len(name)) > 2:
        return False
    far = distance(typed, name)
    if len(name) < PREFIX:
        return far == 1 and len(name) == SWAPPED and sorted(typed) == sorted(name)
    return far == 1 or (far == 2 and len(name) >= LONG and typed[0] == name[0])
