"""Reads the text format 0.0.4 of Prometheus, and takes nothing that only most readers would take."""

import re
from dataclasses import dataclass, field

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
HELP = re.compile(rf"# HELP ({NAME}) (.+)")
TYPE = re.compile(rf"# TYPE ({NAME}) (counter|gauge)")
SAMPLE = re.compile(rf"({NAME})(?:\{{(.+)\}})? (-?[0-9.]+(?:e[+-]?[0-9]+)?)", re.DOTALL)
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\n"])*)"(,|$)')
ESCAPED = re.compile(r"\\(.)")
MEANT = {"\\": "\\", "n": "\n", '"': '"'}
Labels = frozenset[tuple[str, str]]


@dataclass
class Scrape:
    types: dict[str, str] = field(default_factory=dict)
    values: dict[tuple[str, Labels], float] = field(default_factory=dict)

    def __call__(self, name: str, /, **labels: str) -> float | None:
        return self.values.get((name, frozenset(labels.items())))


def read(text: str) -> Scrape:
    """Each family once: its HELP, its TYPE, then all of its samples."""
    assert text.endswith("\n") or not text
    found, lines = Scrape(), text.split("\n")[:-1]
    while lines:
        helped, typed = HELP.fullmatch(lines.pop(0)), TYPE.fullmatch(lines.pop(0))
        assert helped and typed and helped[1] == typed[1]
        name = typed[1]
        assert name not in found.types
        assert (typed[2] == "counter") == name.endswith("_total")
        found.types[name] = typed[2]
        while lines and not lines[0].startswith("#"):
            _sample(name, lines.pop(0), found)
    return found


def _sample(family: str, line: str, found: Scrape) -> None:
    sample = SAMPLE.fullmatch(line)
    assert sample and sample[1] == family, line
    key = (family, _labels(sample[2] or ""))
    assert key not in found.values, line
    found.values[key] = float(sample[3])


def _labels(text: str) -> Labels:
    pairs: dict[str, str] = {}
    while text:
        label = LABEL.match(text)
        assert label and label[1] not in pairs, text
        pairs[label[1]] = ESCAPED.sub(lambda found: MEANT[found[1]], label[2])
        text = text[label.end() :]
    return frozenset(pairs.items())
