"""Is it Webex that speaks? HMAC-SHA1 of the raw body with the webhook's secret, in `X-Spark-Signature`."""

import hmac
from collections.abc import Mapping

from bot.core.secret import Secret

HEADER = "x-spark-signature"


def sign(raw: bytes, secret: Secret) -> str:
    """SHA-1 is what Webex speaks; as an HMAC it still holds."""
    return hmac.new(secret.reveal().encode(), raw, "sha1").hexdigest()


def is_signed(headers: Mapping[str, str], raw: bytes, secret: Secret) -> bool:
    """Compared in constant time, as bytes: text beyond ASCII would raise instead of being wrong."""
    given = next((value for name, value in headers.items() if name.lower() == HEADER), "")
    return hmac.compare_digest(sign(raw, secret).encode(), given.strip().lower().encode("utf-8", "replace"))
