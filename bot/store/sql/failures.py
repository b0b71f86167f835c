"""What the database's errors are called in this house. The one place where vendor errors become ours."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DataError, SQLAlchemyError

from bot.core.errors import Invalid, QuarterdeckError, Unavailable

SILENT = "The store does not answer."
UNOPENED = "The file of the store cannot be opened."
# By words of the driver: neither database tells these apart by class.
SENTENCES = {
    "connection timeout": SILENT,
    "locked": "The store is busy.",
    "timeout": "The store is busy.",
    "full": "The disk of the store is full.",
    "no space": "The disk of the store is full.",
    "readonly": "The store cannot be written.",
    "read-only": "The store cannot be written.",
    "unable to open": UNOPENED,
    "not a database": "The file of the store is not a database.",
    "malformed": "The file of the store is damaged.",
    "no such table": "The store has not been set up.",
    "does not exist": "The store has not been set up.",
}


@contextmanager
def mapped() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        raise _ours(error) from error


def busy() -> Unavailable:
    return Unavailable("The store is busy.")


def _ours(error: SQLAlchemyError) -> QuarterdeckError:
    if isinstance(error, DataError):
        return Invalid("The store cannot hold this text.")
    words = str(getattr(error, "orig", None) or error).lower()
    return Unavailable(next((sentence for part, sentence in SENTENCES.items() if part in words), SILENT))
