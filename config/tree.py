"""A parsed file as plain mappings, lists and scalars, and the ways to point into it."""

from collections.abc import Iterator

from bot.core.catalogue import ANY

Steps = tuple[str | int, ...]


def at(tree: object, steps: Steps) -> object:
    """What stands there. KeyError where nothing does."""
    for step in steps:
        tree = _child(tree, step)
    return tree


def reach(tree: object, steps: Steps) -> Steps:
    """As much of the way as the file holds: a key that is missing is pointed at through its parent."""
    for length in range(len(steps)):
        try:
            tree = _child(tree, steps[length])
        except KeyError:
            return steps[:length]
    return steps


def matches(tree: object, pattern: tuple[str, ...], before: Steps = ()) -> Iterator[Steps]:
    """Every place that a pattern such as `environments.*.confirm` names, in the file's order."""
    if not pattern:
        yield before
        return
    if not isinstance(tree, dict):
        return
    for key, value in tree.items():
        if pattern[0] in (ANY, key):
            yield from matches(value, pattern[1:], (*before, key))


def sections(tree: object, *pattern: str) -> Iterator[tuple[Steps, dict[str, object]]]:
    """Every mapping that the pattern names; what is something else is somebody else's mistake to report."""
    for steps in matches(tree, pattern):
        found = at(tree, steps)
        if isinstance(found, dict):
            yield steps, found


def items(tree: object, key: str) -> Iterator[tuple[Steps, dict[str, object]]]:
    """Every mapping in the list that stands under the key."""
    found = tree.get(key) if isinstance(tree, dict) else None
    for position, item in enumerate(found if isinstance(found, list) else ()):
        if isinstance(item, dict):
            yield (key, position), item


def names(tree: object, section: str) -> tuple[str, ...]:
    """The names that a section defines."""
    for _, found in sections(tree, section):
        return tuple(found)
    return ()


def _child(tree: object, step: str | int) -> object:
    if isinstance(tree, dict):
        return tree[step]
    if isinstance(tree, list) and isinstance(step, int) and step < len(tree):
        return tree[step]
    raise KeyError(step)
