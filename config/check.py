"""From a document to Settings, or to every mistake in it at once."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.core.secret import MASK
from config import shape
from config.later import LATER, Later
from config.mistakes import ConfigError, Found, Mistake, shown, spell
from config.replace import Replacer
from config.rules import broken, unknown_key
from config.scalars import Context
from config.settings import Settings
from config.source import Document
from config.tree import Steps, at, matches, names, reach
from config.whole import unfit

MOST = 100
KEY = "[key]"
REFERRED = ("clusters", "environments", "services", "templates", "roles", "teams")


def check(document: Document, environ: Mapping[str, str], *, path: Path, later: Later = LATER) -> Settings:
    """`later` is a parameter so that the models of keys that are not enforced yet can be proven before they are."""
    replacer = Replacer(environ, path.parent)
    tree = replacer.tree({} if document.tree is None else document.tree)
    unread = [*document.found, *replacer.found]
    rules = broken(tree)
    refused = list(_refused(tree, later))
    context = Context(path.parent, {section: names(tree, section) for section in REFERRED})
    settings, values = _settings(tree, context, document.tree)
    values += unfit(settings) if settings else ()
    rest = _beyond(_beyond([*rules, *values], unread), refused)
    found = [*_beyond(unread, refused), *refused, *rest]
    if settings is None or found:
        raise ConfigError(path.name, _report(found, document))
    return settings


def _settings(tree: object, context: Context, written: object) -> tuple[Settings | None, list[Found]]:
    try:
        return Settings.model_validate(tree, context=context), []
    except ValidationError as invalid:
        errors = invalid.errors(include_url=False, include_input=False)
    return None, [_translated(error, written) for error in errors[: MOST + 1]]


def _beyond(found: list[Found], explained: list[Found]) -> list[Found]:
    """Without what follows from a mistake that is told already."""
    places = {one.steps for one in explained}
    return [one for one in found if not any(one.steps[:length] in places for length in range(len(one.steps) + 1))]


def _refused(tree: object, later: Later) -> Iterator[Found]:
    """Takes the keys of later versions out of the tree, so that nothing else is said of them."""
    for pattern, why in later.items():
        for steps in list(matches(tree, tuple(pattern.split(".")))):
            parent: Any = at(tree, steps[:-1])
            del parent[steps[-1]]
            yield Found(steps, f"is not enforced by this version ({why}): remove it, or run the version that has it")


def _translated(error: ErrorDetails, written: object) -> Found:
    steps: Steps = error["loc"]
    if error["type"] == "extra_forbidden":
        section = shape.model(shape.kind_at(steps[:-1]))
        return Found(steps, unknown_key(str(steps[-1]), list(shape.fields(section)) if section else []))
    kind = shape.kind_at(tuple(step for step in steps if step != KEY))
    words = error.get("ctx", {}).get("words") or shape.words(kind)
    if error["type"] == "missing":
        return Found(steps, f"is missing: {words}")
    if steps[-1:] == (KEY,):
        return Found(steps[:-1], words, shown(steps[-2]))
    steps = reach(written, steps)
    return Found(steps, words, _value(at(written, steps), kind))


def _value(value: object, kind: Any) -> str:
    if isinstance(value, (dict, list)) or not shape.secret(kind):
        return shown(value)
    return MASK if value is not None else shown(value)


def _report(found: list[Found], document: Document) -> list[Mistake]:
    """In the order of the file, which is the order in which a person mends them."""
    lined = sorted(((_line(one.steps, document), one) for one in found), key=lambda pair: pair[0] or 0)
    mistakes = [Mistake(spell(one.steps), one.expected, one.value, line) for line, one in lined[:MOST]]
    return [*mistakes, Mistake("", "there are more: mend these first")] if len(lined) > MOST else mistakes


def _line(steps: Steps, document: Document) -> int | None:
    return document.lines.get(reach(document.tree, steps))
