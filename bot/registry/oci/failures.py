"""What goes wrong with registries, in the words of `bot.core.errors`.

    Unavailable
    ├── (silence.py)         no answer at all
    ├── garbled              an answer, but not a registry's
    ├── slow_down            429, or a quota used up
    └── LoginRefused         it knows us and says no: no reason to leave the whole registry alone
    NotFound                 there is none; to a stranger a private one looks the same
    Invalid                  it refused the question, or holds what cannot be right

Nothing that a registry wrote is repeated but its own error code.
"""

import time
from email.utils import parsedate_to_datetime

import msgspec
from msgspec import Struct

from bot.core.errors import Invalid, NotFound, Unavailable
from bot.core.words import clip
from bot.registry.oci.message import Answer

_LONGEST_CODE = 40


class LoginRefused(Unavailable):
    """Asking again in a minute will not help, and other repositories may still answer."""


class _Fault(Struct):
    code: str = ""


class _Faults(Struct):
    errors: list[_Fault] = []


def garbled(there: str, answer: Answer) -> Unavailable:
    kind = answer.header("content-type").partition(";")[0]
    return Unavailable(
        f"{there} answers with something that is not a registry's.",
        fact=f"It says it is {clip(kind, 60)!r}." if kind else "It does not say what it is.",
        hint="Look whether the name is that of a registry, and whether a proxy stands before it.",
    )


def login_refused(name: str, user: str, where: str) -> LoginRefused:
    return LoginRefused(
        f"{name} does not let {clip(user)} read {where}.",
        fact="It asked who we are and refused the answer.",
        hint=f"Look at registries.{name} in the configuration, or docker login {name}.",
    )


def missing(name: str, where: str, *, logged_in: bool, kind: type[NotFound] = NotFound) -> NotFound:
    """To somebody it does not know, a registry says "no such repository" of every private one."""
    if logged_in:
        return kind(f"There is no {where}.", hint="Push to it, or look how it is spelt in the configuration.")
    return kind(
        f"{where[0].upper()}{where[1:]}: not found, or not logged in.",
        fact=f"{name} was asked without a login.",
        hint=f"Give a username and password under registries.{name}, or docker login {name}.",
    )


def judge(name: str, answer: Answer) -> None:
    """Raises for every answer that a reader could make nothing of. 401 and 403 are not for here."""
    status = answer.status
    if status in (200, 304, 401, 403, 404):
        return
    if status == 429:
        raise slow_down(name, answer)
    if status >= 500 or answer.redirects:
        raise Unavailable(f"{name} is in trouble: it answers {status}{_code(answer)}.", retry_after=retry_after(answer))
    clear = answer.url.startswith("http://") and status == 400
    raise Invalid(
        f"{name} refuses the question: it answers {status}{_code(answer)}.",
        hint=f"If it speaks TLS, take registries.{name}.plain_http away." if clear else "",
    )


def slow_down(name: str, answer: Answer) -> Unavailable:
    return Unavailable(
        f"{name} is asked too often.",
        fact=f"It answers {answer.status}{_code(answer)}.",
        hint="Nothing was changed. A login often allows more.",
        retry_after=retry_after(answer),
    )


def retry_after(answer: Answer) -> float | None:
    """Seconds, or a date, as the other side likes."""
    text = answer.header("retry-after")
    if text.isascii() and text.isdecimal() and len(text) < 10:
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return None


def _code(answer: Answer) -> str:
    """` TOOMANYREQUESTS`: the one word of a registry's complaint that is safe to repeat."""
    try:
        faults = msgspec.json.decode(answer.body, type=_Faults).errors
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return ""
    code = faults[0].code if faults else ""
    known = code.isascii() and code.replace("_", "").isalpha() and len(code) <= _LONGEST_CODE
    return f" {code}" if known else ""
