"""What is sent, gone wrong: a byte, a type, a field."""

from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from random import Random
from typing import Any

import msgspec

WEIRD: tuple[Any, ...] = (
    None, True, 0, -1, 2**63, 2**70, 1e308, -0.5, "", "x" * 5_000, "\x00\u202e\ud7ff", "refs/tags/", "9" * 30,
    "../../etc", "http://169.254.169.254/", "0001-01-01T00:00:00-23:59", "9999-12-31T23:59:59Z", "https://u:p@h/<|>", "http://[",
    [], [None], [[]], {}, {"": {}},
)  # fmt: skip


def mutated(random: Random, text: bytes) -> bytes:
    if random.random() < 0.2:
        position = random.randrange(len(text))
        return text[:position] + random.randbytes(random.randrange(3)) + text[position + random.randrange(3) :]
    document = msgspec.json.decode(text)
    there = list(paths(document))
    for _ in range(random.randrange(1, 4)):
        with suppress(KeyError, IndexError, TypeError):
            put(document, random.choice(there), deepcopy(random.choice(WEIRD)))
    return msgspec.json.encode(document)


def paths(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in items:
        yield (*before, key)
        yield from paths(child, (*before, key))


def put(document: Any, path: tuple[Any, ...], value: Any) -> None:
    for key in path[:-1]:
        document = document[key]
    document[path[-1]] = value
