"""How one registry is reached, and as whom."""

from pathlib import Path

from msgspec import Struct

from bot.core.login import Login
from bot.core.secret import Secret


class Access(Struct, frozen=True):
    """A registry that needs nothing special needs none of this.

    `ca_file` is trusted beside the system's authorities. Without a username, docker's own files and credential
    helpers are asked, and only when the registry wants to know who asks. `lent` is used where there is no username.
    `token_server` is where a login may go besides the registry and its own domain.
    """

    plain_http: bool = False
    ca_file: Path | None = None
    client_certificate: Path | None = None
    client_key: Path | None = None
    username: str | None = None
    password: Secret | None = None
    token_server: str | None = None
    aliases: tuple[str, ...] = ()
    lent: Login | None = None
