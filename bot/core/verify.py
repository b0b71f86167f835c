"""What every hook does before it believes a word: who sent it, how large it is, whether it is what it claims.

All comparisons take the same time wherever two values differ. What a refusal says never holds a value that was sent.
"""

import hmac
from base64 import b64decode
from collections.abc import Callable, Mapping
from typing import TypeVar
from urllib.parse import unquote_to_bytes

from msgspec import DecodeError
from msgspec.json import Decoder

from bot.core.errors import Refused, Unverified
from bot.core.secret import Secret

T = TypeVar("T")
LARGEST = 8 * 1024 * 1024
"""A pipeline of GitLab takes about a KiB a job, and there are pipelines of thousands."""
SIGNATURE = "x-hub-signature-256"
IN_ADDRESS = ":in-address"
"""Not a header: the web room puts the last part of a hook's address there, under a name that nobody can send."""
_PREFIX = "sha256="
_FIELDS = 16


def bounded(body: bytes) -> None:
    if len(body) > LARGEST:
        raise Refused("The hook sent too much.", fact=f"At most {LARGEST:,} bytes are read.")


def header(headers: Mapping[str, str], name: str) -> str:
    """Whatever the case of its name, here and there."""
    return next((value for key, value in headers.items() if key.lower() == name), "")


def require_same(given: bytes, wanted: bytes, reason: str) -> None:
    if not wanted or not hmac.compare_digest(given, wanted):
        raise Unverified(reason)


def require_token(given: str, secret: Secret, reason: str) -> None:
    require_same(given.encode(errors="replace"), secret.reveal().encode(), reason)


def require_basic(headers: Mapping[str, str], username: str, password: Secret) -> None:
    scheme, _, encoded = header(headers, "authorization").partition(" ")
    if scheme.lower() != "basic" or not password:
        raise Unverified("no user name and password were sent")
    try:
        given = b64decode(encoded.strip(), validate=True)
    except ValueError:
        raise Unverified("the user name and password cannot be read") from None
    require_same(given, f"{username}:{password.reveal()}".encode(), "another user name or password")


def require_shared(headers: Mapping[str, str], _body: bytes, secret: Secret) -> None:
    """At the end of the hook's address, or as the Authorization header: most senders can do one of them."""
    given = header(headers, IN_ADDRESS) or header(headers, "authorization")
    scheme, _, token = given.partition(" ")
    require_token(token.strip() if scheme.lower() == "bearer" else given, secret, "another secret, or none")


def require_hmac(headers: Mapping[str, str], body: bytes, secret: Secret) -> None:
    """`X-Hub-Signature-256: sha256=…` over the body as it came."""
    key = secret.reveal().encode()
    given = header(headers, SIGNATURE).strip()
    if not key or not given.startswith(_PREFIX):
        raise Unverified("it is not signed")
    wanted = _PREFIX + hmac.new(key, body, "sha256").hexdigest()
    require_same(
        given.lower().encode(errors="replace"), wanted.encode(), "signed with another secret, or changed since"
    )


def reader(kind: type[T]) -> Callable[[bytes], T]:
    """JSON into `kind`, made once. Refused for anything else, however deep or odd; what it does not name is skipped."""
    decoder = Decoder(kind)

    def read(text: bytes) -> T:
        try:
            return decoder.decode(text)
        except (DecodeError, RecursionError, ValueError) as error:
            raise Refused("The hook sent what cannot be read.", fact=f"{error}.") from None

    return read


def form_field(body: bytes, name: bytes) -> bytes:
    """The exact bytes of one field of a form: signatures are made over them."""
    for part in body.split(b"&", _FIELDS)[:_FIELDS]:
        key, _, value = part.partition(b"=")
        if key == name:
            return unquote_to_bytes(value.replace(b"+", b" "))
    raise Refused("The hook sent what cannot be read.", fact="The form has no payload.")
