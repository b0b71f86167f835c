"""Nouns and moments as the database holds them.

A noun is JSON text: readable in the database, and a field that is added with a default needs no migration.
A moment is microseconds since 1970, so that both databases order alike.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from msgspec.json import Decoder, Encoder

from bot.core.secret import MASK, Secret

T = TypeVar("T")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def _encode_other(value: object) -> str:
    if isinstance(value, Secret):
        return MASK
    raise TypeError(f"{type(value).__name__} is not stored")


def _decode_other(kind: type, value: Any) -> Any:
    if kind is Secret:
        return Secret(value)
    raise TypeError(f"{kind.__name__} is not stored")


# In a fixed order, so that the same content is the same text in every process.
_encoder = Encoder(enc_hook=_encode_other, order="deterministic")


def reader(kind: type[T]) -> Callable[[str], T]:
    """Made once for each noun: building a decoder costs more than using it."""
    decoder: Decoder[T] = Decoder(kind, dec_hook=_decode_other)
    return decoder.decode


def encode(noun: object) -> str:
    return _encoder.encode(noun).decode()


def moment(at: datetime) -> int:
    return (at - EPOCH) // MICROSECOND


def at_moment(value: int) -> datetime:
    return EPOCH + value * MICROSECOND
