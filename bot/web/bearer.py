"""How a program proves itself to us: by a token of the configuration, as it is sent by everything that speaks HTTP."""

import hmac

from starlette.responses import Response

from bot.core.secret import Secret


def is_known(authorization: str, token: Secret) -> bool:
    """Compared in constant time, as bytes: text beyond ASCII would raise instead of being wrong."""
    scheme, _, given = authorization.partition(" ")
    same = hmac.compare_digest(given.strip().encode("utf-8", "replace"), token.reveal().encode())
    return same and scheme.lower() == "bearer"


def unknown() -> Response:
    return Response(status_code=401, headers={"WWW-Authenticate": "Bearer"})
