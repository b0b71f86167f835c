"""The little HTTP that the servers' helpers need, on no library that the bot uses itself."""

import json
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Loopback never goes through a proxy.
NO_PROXY = urllib.request.ProxyHandler({})


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def ask(
    url: str,
    method: str = "GET",
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
    ca: Path | None = None,
) -> Answer:
    """Every status is an answer; only no answer raises (OSError)."""
    request = urllib.request.Request(url, data=body, headers=headers or {}, method=method)
    context = ssl.create_default_context(cafile=ca) if ca else None
    opener = urllib.request.build_opener(NO_PROXY, urllib.request.HTTPSHandler(context=context))
    try:
        with opener.open(request, timeout=30) as got:
            return Answer(got.status, _lower(got.headers.items()), got.read())
    except urllib.error.HTTPError as refused:
        with refused:
            return Answer(refused.code, _lower(refused.headers.items()), refused.read())


def answers(url: str, ca: Path | None = None) -> bool:
    try:
        return ask(url, ca=ca).status == 200
    except OSError:
        return False


def _lower(pairs: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in pairs}
