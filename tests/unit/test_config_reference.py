"""The sample and the reference say what the settings are."""

from pathlib import Path

import pytest

import config
from config import load
from config.reference import enforced, page
from config.shape import Key, keys, kind_at, model
from config.source import read
from config.tree import matches
from tests.unit.sample import sample_environ

FOLDER = Path(config.__file__).parent
SAMPLE = FOLDER / "quarterdeck.yaml"
REFERENCE = FOLDER.parent / "docs" / "configuration.md"


def named(key: Key) -> str:
    return ".".join(key.path)


@pytest.mark.parametrize("key", list(keys()), ids=named)
def test_every_key_has_a_description(key: Key) -> None:
    assert key.field.description
    assert key.field.description.endswith(".")


@pytest.mark.parametrize("key", [key for key in keys() if model(key.kind) is None], ids=named)
def test_every_value_has_an_example(key: Key) -> None:
    holds_sections = any(other.path[: len(key.path)] == key.path and other is not key for other in keys())
    assert holds_sections or key.field.examples


def test_the_reference_is_fresh() -> None:
    assert REFERENCE.read_text("utf-8") == page(), "python -m config.reference > docs/configuration.md"


def test_the_sample_loads() -> None:
    assert load(SAMPLE, sample_environ()).catalogue().services


@pytest.mark.parametrize("key", enforced(), ids=named)
def test_the_sample_shows_every_key_that_works(key: Key) -> None:
    tree = _listless(read(SAMPLE).tree)
    assert list(matches(tree, key.path))


def test_the_kind_of_a_path_is_found_through_names_and_lists() -> None:
    assert kind_at(("services", "any", "workloads", 3, "kind")) is not None
    assert kind_at(("services", "any", "nothing")) is None


def _listless(tree: object) -> object:
    """Lists as mappings of positions, so that a pattern reaches into them."""
    match tree:
        case dict():
            return {key: _listless(value) for key, value in tree.items()}
        case list():
            return {str(position): _listless(value) for position, value in enumerate(tree)}
    return tree
