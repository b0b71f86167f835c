"""What somebody may have meant who wrote a name that is none."""

from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches

CLEARLY = 0.15


def nearest(name: str, known: Iterable[str], most: int = 3) -> list[str]:
    """The known names that someone who typed `name` may have meant, best first."""
    names = list(known)
    by_lower = {n.lower(): n for n in names}
    close = get_close_matches(name.lower(), list(by_lower), n=most, cutoff=0.6)
    starts = [n for n in names if n.lower().startswith(name.lower())]
    return list(dict.fromkeys([*starts, *(by_lower[c] for c in close)]))[:most]


def meant(name: str, known: Iterable[str]) -> str | None:
    """The one that was clearly meant: no other comes near it."""
    close = nearest(name, known, most=2)
    if len(close) < 2:
        return close[0] if close else None
    (best, found), (second, _) = sorted(((_likeness(name, each), each) for each in close), reverse=True)
    return found if best - second >= CLEARLY else None


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one.lower(), other.lower()).ratio()


def nearest_hint(name: str, known: Iterable[str], otherwise: str) -> str:
    close = nearest(name, known)
    return f"Did you mean {' or '.join(close)}?" if close else otherwise
