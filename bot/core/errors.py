"""Everything that may go wrong in a way a person should read.

    QuarterdeckError
    ├── Refused                 we will not, and say what to do instead
    │   ├── UsageError          the words are not an order
    │   ├── NotAllowed          the policy says no
    │   ├── NotFound            there is no such thing
    │   ├── Ambiguous           there are several such things
    │   ├── Busy                somebody is at it, or too much is waiting
    │   ├── Locked              somebody closed it
    │   ├── Frozen              it is not the time
    │   └── NotReady            it has not run where it has to run first
    ├── Conflict                it changed meanwhile
    ├── Invalid                 the cluster refused it, in its own words
    ├── Unavailable             something we need does not answer
    └── Unverified              a webhook that is not who it says it is: a bare 401, no text

Each has a stable code, a sentence that says what and the fact behind it, and a hint: the next thing to type.
"""

from collections.abc import Sequence
from typing import ClassVar


class QuarterdeckError(Exception):
    """`orders` are worth a button: (label, order). `instead` is a word as it was typed, and the one it must mean."""

    code: ClassVar[str] = "error"
    default_hint: ClassVar[str] = ""

    def __init__(
        self,
        sentence: str,
        *,
        fact: str = "",
        hint: str = "",
        orders: Sequence[tuple[str, str]] = (),
        instead: tuple[str, str] | None = None,
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.fact = fact
        self.hint = hint or self.default_hint
        self.orders = tuple(orders)
        self.instead = instead


class Refused(QuarterdeckError):
    code = "refused"
    default_hint = "help"


class UsageError(Refused):
    code = "usage"
    default_hint = "help"


class NotAllowed(Refused):
    code = "not_allowed"
    default_hint = "whoami"


class NotFound(Refused):
    code = "not_found"
    default_hint = "status"


class Ambiguous(Refused):
    code = "ambiguous"
    default_hint = "status"


class Busy(Refused):
    code = "busy"
    default_hint = "Try again in a minute."


class Locked(Refused):
    code = "locked"
    default_hint = "locks"


class Frozen(Refused):
    code = "frozen"
    default_hint = "freezes"


class NotReady(Refused):
    code = "not_ready"
    default_hint = "status"


class Conflict(QuarterdeckError):
    code = "conflict"
    default_hint = "Look at it with status, then order again."


class Invalid(QuarterdeckError):
    code = "invalid"
    default_hint = "Nothing was changed."


class Unavailable(QuarterdeckError):
    """Worth another try after `retry_after` seconds, where the other side said so."""

    code = "unavailable"
    default_hint = "Nothing was changed. Try again in a minute."

    def __init__(self, sentence: str, *, fact: str = "", hint: str = "", retry_after: float | None = None) -> None:
        super().__init__(sentence, fact=fact, hint=hint)
        self.retry_after = retry_after


class Unverified(QuarterdeckError):
    """Says nothing to whoever sent it; fact and hint are for the operator's log."""

    code = "unverified"
    default_hint = "Check that both sides hold the same secret."

    def __init__(self, reason: str) -> None:
        super().__init__("", fact=reason)
