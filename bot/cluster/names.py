"""Names that cannot exist are refused before they are asked for."""

import re

from bot.core.errors import UsageError

_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")


def check(*names: str) -> None:
    for name in names:
        if not _NAME.fullmatch(name):
            shown = name if len(name) <= 60 else f"{name[:57]}…"
            raise UsageError(
                f"{shown!r} cannot be a name.",
                fact="Names are lower-case letters, digits, - and . between a letter or digit at each end.",
                hint="status",
            )
