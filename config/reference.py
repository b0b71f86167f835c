"""`python -m config.reference` prints docs/configuration.md from the settings themselves."""

import sys
from collections.abc import Iterator
from datetime import timedelta
from enum import Enum
from itertools import groupby
from typing import Any

from pydantic_core import PydanticUndefined

from bot.core.secret import Secret
from config.grammar import spell_duration
from config.later import LATER
from config.section import Section
from config.shape import Key, keys, model, words

INTRODUCTION = """\
# Configuration

One YAML file, given with `--config FILE`. [config/quarterdeck.yaml](../config/quarterdeck.yaml) is a sample to copy,
with every key that works. Check a file, with every mistake in it at once:

    quarterdeck check --config FILE

- A key that is not known is refused, with the nearest one that is.
- A name that you choose is written `*` here.
- Inside a value, `"${NAME}"` is the environment variable, `"${NAME:-default}"` the same with a default where it is
  unset or empty, and `"${file:/path}"` the content of a file without its last line break. A missing variable or file
  is a mistake. `$${` is a literal `${`. Keys are never replaced.
- Secrets are never shown: not by `check`, not in a log, not in an answer.
- Only `true`, `false`, `null` and decimal numbers are more than text. Aliases (`*name`), tags (`!name`) and keys
  written twice are refused.
- A path to a file is relative to the configuration.

This page is made from the settings: `python -m config.reference > docs/configuration.md`.
"""

LATER_TITLE = """
## Keys of later versions

Refused until the version that enforces them: a guard that is written down and not kept is worse than none.

| key | in this version |
|---|---|"""

HEADER = """
| key | is | default | example | what it does |
|---|---|---|---|---|"""


def enforced() -> list[Key]:
    """The keys that work in this version."""
    later = [tuple(pattern.split(".")) for pattern in LATER]
    found = [key for key in keys() if not any(key.path[: len(row)] == row for row in later)]
    return [key for key in found if model(key.kind) is None or any(_inside(other, key) for other in found)]


def _inside(key: Key, section: Key) -> bool:
    return key is not section and key.path[: len(section.path)] == section.path


def page() -> str:
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield INTRODUCTION.rstrip()
    for name, group in groupby(enforced(), lambda key: key.path[0]):
        yield f"\n## {name}"
        yield HEADER
        yield from map(_row, group)
    if LATER:
        yield LATER_TITLE
    for pattern, why in LATER.items():
        yield f"| `{pattern}` | {_cell(why)} |"


def _row(key: Key) -> str:
    example = f"`{_text(key.field.examples[0])}`" if key.field.examples else ""
    cells = (f"`{'.'.join(key.path)}`", words(key.kind), _default(key), example, key.field.description or "")
    return f"| {' | '.join(map(_cell, cells))} |"


def _default(key: Key) -> str:
    if key.field.is_required():
        return "needed"
    default = key.field.default
    if default is PydanticUndefined or default in (None, ()) or isinstance(default, Section):
        return ""
    return f"`{_text(default)}`"


def _text(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case timedelta():
            return spell_duration(value)
        case Enum():
            return str(value.value)
        case Secret():
            return value.reveal()
        case list() | tuple():
            return f"[{', '.join(_quoted(item) for item in value)}]"
        case _:
            return _quoted(value)


def _quoted(value: object) -> str:
    text = str(value)
    return f'"{text}"' if text.startswith(("*", "$")) else text


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(page())
