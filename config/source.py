"""From a file to a tree, with the line of every key.

Built from the parser's events, not by its object constructors: no class can be named, nothing is expanded
(an alias is refused, so a small file cannot become a large one), no key is lost to a second one of its name.
Only `true`, `false`, `null` and decimal numbers are more than text: `no`, `22:00` and `2026-12-20` stay words.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from config.mistakes import ConfigError, Found, Mistake, shown
from config.tree import Steps

LARGEST = 1_000_000
DEEPEST = 20
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(rf"{_INTEGER.pattern}\.[0-9]{{1,18}}")


@dataclass(frozen=True, slots=True)
class Document:
    """What was written, before anything is put in for a `${…}`."""

    tree: object
    lines: dict[Steps, int]
    found: tuple[Found, ...] = ()


class Broken(Exception):
    """The file cannot be read any further."""


def read(path: Path) -> Document:
    try:
        return parse(_text(path))
    except Broken as broken:
        mistake = Mistake("", str(broken))
    raise ConfigError(path.name, [mistake])


def parse(text: str) -> Document:
    reader = _Reader(_events(text))
    tree = reader.document()
    return Document(tree, reader.lines, tuple(reader.found))


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except OSError as error:
        raise Broken(f"cannot be read: {(error.strerror or 'no such file').lower()}") from None
    if len(raw) > LARGEST:
        raise Broken("is larger than 1 MB, which no configuration is")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise Broken(f"line {line}: is not UTF-8 text") from None


def _events(text: str) -> Iterator[yaml.Event]:
    try:
        yield from yaml.parse(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise Broken(f"{where}is not YAML: {error.problem or error.context}{_advice(text, mark)}") from None
    except yaml.YAMLError as error:
        line = text.count("\n", 0, getattr(error, "position", 0)) + 1
        raise Broken(f"line {line}: holds a character that YAML forbids") from None


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


def _advice(text: str, mark: yaml.Mark | None) -> str:
    lines = text.splitlines()
    around = lines[mark.line][: mark.column + 1] if mark and mark.line < len(lines) else ""
    return " (indent with spaces, not with tabs)" if "\t" in around else ""


class _Reader:
    def __init__(self, events: Iterator[yaml.Event]) -> None:
        self.lines: dict[Steps, int] = {}
        self.found: list[Found] = []
        self._events = events

    def document(self) -> object:
        """The one document of the file; None where the file is empty."""
        tree: object = None
        started = False
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent) and started:
                raise Broken(f"line {_line(event)}: begins a second document; one file holds one")
            if isinstance(event, yaml.NodeEvent):
                started, tree = True, self._value(event, ())
        return tree

    def _value(self, event: yaml.Event, steps: Steps) -> object:
        self.lines.setdefault(steps, _line(event))
        if len(steps) > DEEPEST:
            raise Broken(f"line {_line(event)}: is nested more than {DEEPEST} deep")
        tag = getattr(event, "tag", None)
        if tag not in (None, "!"):
            self.found.append(Found(steps, f"tags such as {shown(tag)} are not understood: write the plain value"))
        match event:
            case yaml.MappingStartEvent():
                return self._mapping(steps)
            case yaml.SequenceStartEvent():
                return [self._value(e, (*steps, n)) for n, e in enumerate(self._until(yaml.SequenceEndEvent))]
            case yaml.ScalarEvent():
                return _scalar(event.value) if event.implicit[0] else event.value
        self.found.append(Found(steps, "aliases (*name) are not understood: write the value out"))
        return None

    def _mapping(self, steps: Steps) -> dict[str, object]:
        tree: dict[str, object] = {}
        for event in self._until(yaml.MappingEndEvent):
            line = _line(event)
            if not isinstance(event, yaml.ScalarEvent):
                raise Broken(f"line {line}: a key must be a single word")
            here = (*steps, event.value)
            first = self.lines.setdefault(here, line)
            value = self._value(next(self._events), here)
            if event.value in tree:
                self.found.append(Found(here, f"is written twice, on lines {first} and {line}"))
            else:
                tree[event.value] = value
        return tree

    def _until(self, end: type[yaml.Event]) -> Iterator[yaml.Event]:
        for event in self._events:
            if isinstance(event, end):
                return
            yield event


def _scalar(text: str) -> object:
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text
