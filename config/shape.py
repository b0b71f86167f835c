"""What the settings look like from outside: the kind of value, the words and the secrecy of any path."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic.fields import FieldInfo

from bot.core.catalogue import ANY
from config.scalars import Scalar
from config.section import Section
from config.settings import Settings
from config.tree import Steps

NOTHING = (None, None)


@dataclass(frozen=True, slots=True)
class Key:
    """One key of the file, with what its model says of it. A name that people choose is `*`."""

    path: tuple[str, ...]
    field: FieldInfo
    kind: Any


def keys(kind: Any = Settings, path: tuple[str, ...] = ()) -> Iterator[Key]:
    """Every key there is, in the order of the models."""
    section = model(kind)
    if section is not None:
        for name, (field, inner) in fields(section).items():
            yield Key((*path, name), field, inner)
            yield from keys(inner, (*path, name))
        return
    element = _element(kind)
    if element is not None and model(element) is not None:
        yield from keys(element, (*path, ANY))


def kind_at(steps: Steps, kind: Any = Settings) -> Any:
    """The kind of value that belongs there; None where nothing does."""
    for step in steps:
        section = model(kind)
        kind = fields(section).get(str(step), NOTHING)[1] if section else _element(kind)
    return kind


def words(kind: Any) -> str:
    """What it should be, as it stands in a mistake. A text among a kind's notes is its own words."""
    scalar, notes = _scalar(kind), getattr(_present(kind), "__metadata__", ())
    own = scalar.words if scalar else next((note for note in notes if isinstance(note, str)), None)
    if own is not None:
        return own
    element = _element(kind)
    if element is None:
        return "a mapping of keys"
    if get_origin(_plain(kind)) is tuple:
        return f"a list; each item is {words(element)}"
    return f"a mapping of names; each has {words(element)}"


def secret(kind: Any) -> bool:
    """It is a secret, or holds one."""
    scalar = _scalar(kind)
    if scalar is not None:
        return scalar.secret
    section = model(kind)
    if section is not None:
        return any(secret(inner) for _, inner in fields(section).values())
    element = _element(kind)
    return element is not None and secret(element)


def model(kind: Any) -> type[Section] | None:
    plain = _plain(kind)
    return plain if isinstance(plain, type) and issubclass(plain, Section) else None


@cache
def fields(section: type[Section]) -> dict[str, tuple[FieldInfo, Any]]:
    """By the name that stands in the file: `from` is no name in Python."""
    hints = get_type_hints(section, include_extras=True)
    return {field.alias or name: (field, hints[name]) for name, field in section.model_fields.items()}


def _scalar(kind: Any) -> Scalar | None:
    kind = _present(kind)
    if get_origin(kind) is not Annotated:
        return None
    return next((extra for extra in kind.__metadata__ if isinstance(extra, Scalar)), None)


def _element(kind: Any) -> Any:
    plain = _plain(kind)
    origin, inner = get_origin(plain), get_args(plain)
    if origin is dict:
        return inner[1]
    return inner[0] if origin is tuple else None


def _plain(kind: Any) -> Any:
    kind = _present(kind)
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind


def _present(kind: Any) -> Any:
    """Without the None of what may be left out."""
    if get_origin(kind) in (Union, UnionType):
        return next(option for option in get_args(kind) if option is not type(None))
    return kind
