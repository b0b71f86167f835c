"""Rules between the keys of the promotion order and of the times in which nothing may change."""

from collections.abc import Iterator

from bot.core.windows import from_until
from config import grammar
from config.mistakes import Found, clean
from config.tree import Steps, items, sections


def promotion_order(tree: object) -> Iterator[Found]:
    """A circle would let nothing in anywhere, without ever saying so."""
    after = {str(steps[-1]): written.get("after") for steps, written in sections(tree, "environments", "*")}
    told: set[str] = set()
    for name in after:
        circle = _circle(name, after)
        if circle and name not in told:
            told |= set(circle)
            yield Found(("environments", name, "after"), f"goes in a circle: {' after '.join(map(clean, circle))}")
    for steps, written in sections(tree, "environments", "*"):
        if written.get("soak") is not None and written.get("after") is None:
            yield Found((*steps, "soak"), "goes with after only, which names where it has to have run")


def freezes(tree: object) -> Iterator[Found]:
    seen: set[str] = set()
    for steps, freeze in items(tree, "freezes"):
        name = freeze.get("name")
        if isinstance(name, str) and name in seen:
            yield Found((*steps, "name"), "is the name of another freeze already")
        seen |= {str(name)}
        yield from _ends(steps, freeze.get("from"), freeze.get("until"))


def allowed_times(tree: object) -> Iterator[Found]:
    for steps, written in sections(tree, "allow", "*"):
        if written.get("windows") == []:
            yield Found((*steps, "windows"), "needs at least one window: without one nothing would ever be allowed")


def _ends(steps: Steps, start: object, until: object) -> Iterator[Found]:
    if not (isinstance(start, str) and isinstance(until, str) and grammar.end(start) and grammar.end(until)):
        return
    try:
        from_until(start, until, "UTC")
    except ValueError:
        yield Found((*steps, "until"), "does not come after from: both are days of the week, or both are dates")


def _circle(name: str, after: dict[str, object]) -> list[str]:
    """The way from this environment back to itself; empty where it leads elsewhere."""
    way = [name]
    while True:
        step = after.get(way[-1])
        if not isinstance(step, str) or step in way[1:]:
            return []
        way.append(step)
        if step == name:
            return way
