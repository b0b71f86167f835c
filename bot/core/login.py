"""As whom a registry is asked."""

from msgspec import Struct

from bot.core.secret import Secret


class Login(Struct, frozen=True):
    """`identity`: the secret is a refresh token, which is worth something only where tokens are given out."""

    username: str
    secret: Secret
    identity: bool = False
