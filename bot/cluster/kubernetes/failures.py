"""What the API server or the way to it refuses, in our own errors. Nothing else of it leaves this room."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import msgspec
from msgspec import Struct

from bot.core.errors import Conflict, Invalid, NotAllowed, NotFound, QuarterdeckError, Unavailable

_RIGHT = re.compile(
    r'cannot (?P<verb>\w+) resource "(?P<what>[^"]+)" in API group "(?P<group>[^"]*)"'
    r'(?: in the namespace "(?P<namespace>[^"]+)")?'
)
_WHERE = re.compile(r"HTTPS?Connection\(host='([^']*)', port=(\d+)\)")
_TEST_FAILED = "the server rejected our request due to an error in our request"
IN_ONE, IN_ALL = "k8s/target holds the Role", "k8s/watch holds the ClusterRole"
UNSURE = "It may have been carried out all the same: look with status."
WRITES = frozenset({"PATCH", "POST", "DELETE"})


class Expired(Unavailable):
    """The server has forgotten the version that we stood at: list anew."""


class Lost(Unavailable):
    """The way broke off after the question was sent: what became of it is not known."""


class Detail(Struct, frozen=True, rename="camel"):
    message: str = ""
    field: str = ""


class Details(Struct, frozen=True, rename="camel"):
    causes: tuple[Detail, ...] | None = None
    retry_after_seconds: float | None = None


class Status(Struct, frozen=True):
    """What the server answers instead of an object."""

    message: str = ""
    reason: str = ""
    details: Details | None = None
    code: int = 0


class Refusal(Struct, frozen=True):
    cluster: str
    code: int
    said: Status
    retry_after: float | None = None


def refusal(cluster: str, code: int, headers: Mapping[str, str], body: bytes) -> QuarterdeckError:
    said = _status(body)
    later = _seconds(headers.get("Retry-After"))
    if later is None and said.details:
        later = said.details.retry_after_seconds
    error = _TABLE.get(code, _down)
    return error(Refusal(cluster, code, said, later))


@contextmanager
def mapped(cluster: str, method: str) -> Iterator[None]:
    """The way to the server: refused, lost, too slow, not trusted, no credentials for it."""
    from kubernetes.client.exceptions import OpenApiException
    from kubernetes.config.config_exception import ConfigException
    from urllib3 import exceptions as http

    try:
        yield
    except http.LocationValueError as error:
        raise _no_way(cluster, error) from None
    except (http.ConnectTimeoutError, http.NewConnectionError, http.ProxyError) as error:
        raise _unreachable(cluster, error) from None
    except http.MaxRetryError as error:
        raise _unreachable(cluster, error.reason or error) from None
    except (http.HTTPError, OSError) as error:
        raise _lost(cluster, error, method) from None
    except OpenApiException as error:
        raise _unreachable(cluster, error) from None
    except (ConfigException, ValueError) as error:
        raise _no_credentials(cluster, error) from None


@contextmanager
def readable(cluster: str) -> Iterator[None]:
    """Around whatever decodes what the server gave."""
    try:
        yield
    except msgspec.DecodeError as error:
        fact = str(error)[:300]
        raise Unavailable(f"The cluster {cluster} gave an answer that cannot be read.", fact=fact) from None


def _status(body: bytes) -> Status:
    try:
        return msgspec.json.decode(body, type=Status)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Status(message=" ".join(body[:300].decode(errors="replace").split()))


def _seconds(text: str | None) -> float | None:
    return float(text) if text and text.isascii() and text.isdecimal() else None


def _invalid(r: Refusal) -> QuarterdeckError:
    """A patch whose own test failed is told only by these words: somebody else was faster."""
    if r.said.message == _TEST_FAILED:
        return _conflict(r)
    causes = r.said.details.causes if r.said.details and r.said.details.causes else ()
    words = "; ".join(f"{c.field}: {c.message}" if c.field else c.message for c in causes)
    return Invalid(f"The cluster {r.cluster} refuses it.", fact=words or r.said.message)


def _credentials(r: Refusal) -> QuarterdeckError:
    return Unavailable(
        f"The cluster {r.cluster} does not know who the bot is.",
        fact=f"It answered {r.code}: {r.said.message or 'Unauthorized'}.",
        hint=f"Look at the credentials of clusters.{r.cluster}.",
    )


def _forbidden(r: Refusal) -> QuarterdeckError:
    """A missing right, or a quota, a policy or a webhook that refuses what the right would allow."""
    right = _RIGHT.search(r.said.message)
    if right is None:
        return Invalid(f"The cluster {r.cluster} refuses it.", fact=r.said.message)
    where = f" in {right['namespace']}" if right["namespace"] else " in all namespaces"
    absent = f", or there is no namespace {right['namespace']}" if right["namespace"] else ""
    what = right["what"] + (f" ({right['group']})" if right["group"] else "")
    return NotAllowed(
        f"The bot may not {right['verb']} {right['what']}{where}.",
        fact=f"The cluster {r.cluster} does not grant {right['verb']} on {what} to its account{absent}.",
        hint=f"{IN_ONE if right['namespace'] else IN_ALL} that it needs.",
    )


def _missing(r: Refusal) -> QuarterdeckError:
    return NotFound(f"The cluster {r.cluster} has no such thing.", fact=r.said.message)


def _conflict(r: Refusal) -> QuarterdeckError:
    return Conflict("It changed meanwhile.", fact=r.said.message if r.code == 409 else "")


def _expired(r: Refusal) -> QuarterdeckError:
    return Expired(f"The cluster {r.cluster} has forgotten that version.", fact=r.said.message)


def _crowded(r: Refusal) -> QuarterdeckError:
    later = 1 if r.retry_after is None else r.retry_after
    return Unavailable(f"The cluster {r.cluster} has too much to do.", fact=r.said.message or "429", retry_after=later)


def _down(r: Refusal) -> QuarterdeckError:
    fact = f"It answered {r.code}: {r.said.message}".rstrip(": ")
    return Unavailable(f"The cluster {r.cluster} does not answer as it should.", fact=fact, retry_after=r.retry_after)


_TABLE: dict[int, Callable[[Refusal], QuarterdeckError]] = {
    400: _invalid,
    401: _credentials,
    403: _forbidden,
    404: _missing,
    405: _invalid,
    409: _conflict,
    410: _expired,
    413: _invalid,
    415: _invalid,
    422: _invalid,
    429: _crowded,
}


def _unreachable(cluster: str, error: Exception) -> Unavailable:
    return Unavailable(f"The cluster {cluster} cannot be reached.", fact=_words(error))


def _no_way(cluster: str, error: Exception) -> Unavailable:
    hint = f"Look at clusters.{cluster} in the configuration."
    return Unavailable(f"There is no way into the cluster {cluster}.", fact=_words(error), hint=hint)


def _lost(cluster: str, error: Exception, method: str) -> Lost:
    hint = UNSURE if method in WRITES else ""
    return Lost(f"The connection to the cluster {cluster} broke off.", fact=_words(error), hint=hint)


def _no_credentials(cluster: str, error: Exception) -> Unavailable:
    hint = f"Look at the credentials of clusters.{cluster}."
    return Unavailable(f"The credentials for the cluster {cluster} cannot be had.", fact=_words(error), hint=hint)


def _words(error: object) -> str:
    """Without the addresses of objects that urllib3 puts in front."""
    below = getattr(error, "original_error", None)
    said = f"{getattr(error, 'args', [''])[0]}: {below}" if below else str(error)
    said = re.sub(r"<[^>]*>:? ?|HTTPS?ConnectionPool\([^)]*\):? ?", "", " ".join(said.split()))
    return _WHERE.sub(r"\1:\2", said)[:300]
