"""What differs between two objects of the cluster, leaf by leaf, in as few lines as a person reads.

What every write moves (versions, who wrote last, our own notes) is left out, and so is the value of a variable.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from bot.core.secret import MASK
from bot.core.words import clip

MOST = 12
SHORT = 72
_MOVING = ("resourceVersion", "generation", "managedFields", "uid", "creationTimestamp")
_NOTES = ("quarterdeck.io/", "kubernetes.io/change-cause", "kubectl.kubernetes.io/last-applied", "deployment.kubern")
_NAMES = ("name", "containerPort", "port")


class Difference(Struct, frozen=True):
    """One leaf. `before` is None for what is new, `after` for what goes."""

    where: str
    before: str | None
    after: str | None


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Of two objects as JSON, in the order of the second; what goes comes last."""
    old, new = dict(_leaves(before)), dict(_leaves(after))
    moved = [where for where in [*new, *(w for w in old if w not in new)] if old.get(where) != new.get(where)]
    return tuple(Difference(w, _shown(w, old.get(w)), _shown(w, new.get(w))) for w in moved)


def lines(found: Sequence[Difference], most: int = MOST) -> list[str]:
    shown = [line for one in found[:most] for line in _lines(one)]
    return [*shown, f"… and {len(found) - most} more"] if len(found) > most else shown


def _lines(one: Difference) -> list[str]:
    if one.before is None:
        return [f"+ {one.where}{_value(one.after)}"]
    if one.after is None:
        return [f"- {one.where}{_value(one.before)}"]
    if len(one.before) + len(one.after) <= SHORT:
        return [f"{one.where}: {one.before} → {one.after}"]
    return [f"{one.where}:", f"- {clip(one.before, 200)}", f"+ {clip(one.after, 200)}"]


def _value(text: str | None) -> str:
    return f": {clip(text, 200)}" if text else ""


def _leaves(value: object, where: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            if not _unsaid(where, key):
                yield from _leaves(inner, _joined(where, key))
    elif isinstance(value, list) and value:
        for position, inner in enumerate(value):
            yield from _element(inner, f"{where}[{_name(inner, position)}]")
    elif where and value is not None:
        yield where, _text(value)


def _element(value: object, where: str) -> Iterator[tuple[str, str]]:
    """Its name stands in its place already, so it is said only where there is nothing else to say."""
    found = list(_leaves(value, where))
    yield from [leaf for leaf in found if leaf[0] != f"{where}.name"] or found


def _unsaid(where: str, key: str) -> bool:
    if where == "metadata":
        return key in _MOVING
    return (not where and key == "status") or (where == "metadata.annotations" and key.startswith(_NOTES))


def _joined(where: str, key: str) -> str:
    if not where:
        return key
    return f"{where}[{key}]" if "." in key or "/" in key else f"{where}.{key}"


def _name(thing: object, position: int) -> str:
    """Containers, variables and ports go by their names: one more in front moves nobody."""
    found = next((thing[key] for key in _NAMES if key in thing), None) if isinstance(thing, Mapping) else None
    return str(position if found is None else found)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "{}" if value == {} else "[]" if value == [] else str(value)


def _shown(where: str, text: str | None) -> str | None:
    return MASK if text is not None and ".env[" in where and where.endswith(".value") else text
