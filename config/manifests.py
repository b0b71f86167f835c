"""Templates are read with the configuration, so that a mistake in one is told at the start and not at 3 a.m.

They are read as Kubernetes reads YAML (0644 is an octal number, yes is true), not as this file's own sections are.
"""

from pathlib import Path

import yaml

from bot.core import manifests
from bot.core.workload import Manifest
from config.readers import template
from config.scalars import Context, Wrong, text

LARGEST = 256_000


class _Loader(yaml.SafeLoader):
    """Without moments: what is written as a date stays text."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - how the library has it
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def read(value: object, context: Context) -> tuple[Manifest, ...]:
    """Every document of one file."""
    path = template(value, context)
    try:
        return tuple(manifests.manifest(text(value), document) for document in _documents(path))
    except (OSError, yaml.YAMLError, RecursionError):
        raise Wrong("YAML that can be read") from None
    except ValueError as error:
        raise Wrong(f"a template: {error}") from None


def _documents(path: Path) -> list[object]:
    raw = path.read_bytes()
    if len(raw) > LARGEST:
        raise ValueError("it is larger than 256 kB")
    if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(raw, yaml.SafeLoader)):
        raise ValueError("aliases (*name) are not understood, write the values out")
    found = [document for document in yaml.load_all(raw, _Loader) if document is not None]
    if not found:
        raise ValueError("it is empty")
    return found
