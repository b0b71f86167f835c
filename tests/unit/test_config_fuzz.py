"""Whatever a file holds, it becomes Settings or a ConfigError, and a secret is not in it."""

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.tags.policy import read_policy
from config import DEMO, ConfigError, Settings
from config.check import check
from config.later import LATER, Later
from config.shape import keys
from config.source import Broken, Document, parse, read
from config.tree import Steps, at
from tests.unit.sample import sample_environ

HIDDEN = "hunter2-hunter2"
PATH = Path("/nowhere/bot.yaml")
SAMPLE_ENVIRON = sample_environ()
SAMPLE = read(DEMO.with_name("quarterdeck.yaml"))
SOMEDAY: Later = {"clusters.*.mirror": "nothing is mirrored", "paging": "nobody is paged"}
WORDS = sorted({step for key in keys() for step in key.path} | {row.split(".")[-1] for row in SOMEDAY})
VALUES = [
    "main",
    "staging",
    "sha",
    "^1.2",
    "30s",
    "*",
    "Deployment",
    "a",
    "${P}",
    "${NOPE}",
    "x-${P}",
    "UTC",
    "^(?P<n>.)$ by n",
]

scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.sampled_from(VALUES))
names = st.one_of(st.sampled_from(WORDS), st.sampled_from(["main", "staging", "a"]), st.text(max_size=8))
trees = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(names, inner, max_size=6)),
    max_leaves=40,
)
files = st.dictionaries(st.sampled_from(sorted({key.path[0] for key in keys()})), trees, max_size=8)
laters = st.sampled_from([SOMEDAY, LATER])


def outcome(document: Document, later: Later) -> str:
    try:
        found = check(document, {**SAMPLE_ENVIRON, "P": HIDDEN}, path=PATH, later=later)
    except ConfigError as error:
        assert error.mistakes
        assert all(mistake.sentence.isprintable() for mistake in error.mistakes)
        return " ".join((str(error), repr(error), error.fact, repr(error.mistakes)))
    assert isinstance(found, Settings)
    catalogue = found.catalogue()
    assert catalogue.environments
    for service in catalogue.services.values():
        if service.watch:
            read_policy(service.watch)
    return ""


def places(tree: Any, steps: Steps = ()) -> Iterator[Steps]:
    yield steps
    for step, inner in tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ():
        yield from places(inner, (*steps, step))


@pytest.mark.fuzz
@settings(max_examples=200)
@given(place=st.sampled_from(list(places(SAMPLE.tree))[1:]), value=trees, name=st.none() | names, later=laters)
def test_the_sample_with_one_thing_wrong(place: Steps, value: Any, name: str | None, later: Later) -> None:
    tree = deepcopy(SAMPLE.tree)
    parent: Any = at(tree, place[:-1])
    if name is not None and isinstance(parent, dict):
        parent[name] = parent.pop(place[-1])
    else:
        parent[place[-1]] = value
    assert HIDDEN not in outcome(Document(tree, SAMPLE.lines), later)


@pytest.mark.fuzz
@settings(max_examples=150)
@given(tree=st.one_of(trees, files), later=laters)
def test_any_tree(tree: Any, later: Later) -> None:
    assert HIDDEN not in outcome(Document(tree, {}), later)


@settings(max_examples=200)
@given(st.text(alphabet="ab:-[]{}&*!|>\"'#%@`, \n\t?~0", max_size=60))
def test_any_text(text: str) -> None:
    try:
        document = parse(text)
    except Broken as broken:
        assert str(broken)
    else:
        outcome(document, LATER)
