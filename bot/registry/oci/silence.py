"""Why there is no answer, said by a table: whatever the HTTP library or the system raises has its words here."""

import ssl

from urllib3 import exceptions as vendor

from bot.core.errors import Unavailable
from bot.registry.oci.message import Origin

_FACTS: tuple[tuple[type[Exception], str], ...] = (
    (vendor.NameResolutionError, "No address is known for that name."),
    (vendor.LocationParseError, "No address is known for that name."),
    (vendor.NewConnectionError, "The connection is refused, or there is no way there."),
    (vendor.ProxyError, "The proxy that HTTPS_PROXY names does not answer, or lets nobody through."),
    (vendor.TimeoutError, "It takes too long."),
    (TimeoutError, "It takes too long."),
    (vendor.ProtocolError, "It breaks off in the middle."),
)
_ANY_OTHER = "What comes is not HTTP."
_NOT_TLS = frozenset({"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG"})


def no_answer(there: Origin, name: str, error: Exception) -> Unavailable:
    """`name`: the registry that was meant; `there`: where the answer should have come from."""
    cause = error.args[0] if isinstance(error, vendor.SSLError) and error.args else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return _untrusted(there, name, cause)
    if isinstance(cause, ssl.SSLError | vendor.SSLError):
        return _no_tls(there, name, getattr(cause, "reason", None) or "")
    fact = next((words for kind, words in _FACTS if isinstance(error, kind)), _ANY_OTHER)
    return Unavailable(f"{there} does not answer.", fact=fact)


def _untrusted(there: Origin, name: str, error: ssl.SSLCertVerificationError) -> Unavailable:
    return Unavailable(
        f"{there} is not trusted: its certificate cannot be verified.",
        fact=f"{error.verify_message[:1].upper()}{error.verify_message[1:]}.",
        hint=f"Name the authority that signed it under registries.{name}.ca_file.",
    )


def _no_tls(there: Origin, name: str, reason: str) -> Unavailable:
    if reason in _NOT_TLS:
        return Unavailable(
            f"{there} speaks no TLS.", hint=f"On a net that is trusted, set registries.{name}.plain_http: true."
        )
    return Unavailable(
        f"{there} breaks off while TLS is agreed on.",
        fact=f"{reason.replace('_', ' ').capitalize()}." if reason else "",
        hint="It may want a client certificate.",
    )
