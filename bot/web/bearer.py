"""How a program proves itself to us: by a token of the configuration, as it is sent by everything that speaks HTTP."""

import hmac

from starlette.responses import Response

from bot.core.secret import Secret


def is_known(authorization: str, token: Secret) -> bool:
    """Compared in constant time, as the bytes that were sent.

    A secret that was made with `echo` ends in a newline, which no header can hold; one of nothing else proves nothing.
    """
    scheme, _, given = authorization.partition(" ")
    wanted = token.reveal().strip().encode()
    same = hmac.compare_digest(given.strip().encode("latin-1", "replace"), wanted)
    return same and wanted != b"" and scheme.lower() == "bearer"


def unknown() -> Response:
    return Response(status_code=401, headers={"WWW-Authenticate": "Bearer"})
