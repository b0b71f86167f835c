"""What Webex refuses, and what only a client that does not know it would send.

`Refused` is an answer. `Broken` is a mistake of ours that the real one might swallow: it fails the test.
"""

from collections.abc import Mapping
from typing import Any

from tests.servers.webex_world import Json

BYTES = 7_439
EDITS = 10
ACTIONS_IN_A_CARD = 5
CARD = "application/vnd.microsoft.card.adaptive"
ELEMENTS = frozenset({"TextBlock", "RichTextBlock", "TextRun", "ColumnSet", "Column", "Container", "FactSet"})
INPUTS = frozenset({"Input.Text", "Input.Number", "Input.Date", "Input.Time", "Input.Toggle", "Input.ChoiceSet"})
ACTIONS = frozenset({"Action.Submit", "Action.ShowCard", "Action.OpenUrl", "Action.ToggleVisibility"})
NEWER = frozenset({"Table", "Action.Execute", "Carousel"})
STYLES = frozenset({"default", "positive", "destructive"})


class Refused(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Broken(Exception):
    """No client of Webex's API should do this."""


def require_fields(given: Mapping[str, Any], allowed: str, needed: str = "") -> None:
    unknown = set(given) - set(allowed.split())
    if unknown:
        raise Broken(f"unknown fields {sorted(unknown)}")
    missing = [name for name in needed.split() if not given.get(name)]
    if missing:
        raise Refused(400, f"missing {', '.join(missing)}")


def require_content(content: Json) -> None:
    for name in ("text", "markdown"):
        if len(str(content.get(name) or "").encode()) > BYTES:
            raise Refused(400, "Message length limited to 7439 bytes")
    if not any(content.get(name) for name in ("text", "markdown", "files", "file")):
        raise Refused(400, "A message needs text; a card needs it to stand in for it")
    if content.get("attachments") and (content.get("files") or content.get("file")):
        raise Refused(400, "Files and cards cannot stand in one message")
    if len(content.get("files") or ()) > 1:
        raise Refused(400, "Only one file is allowed")
    cards = content.get("attachments") or []
    if len(cards) > 1:
        raise Refused(400, "Only one card is allowed")
    for card in cards:
        require_card(card)


def require_card(attachment: Json) -> None:
    content = attachment.get("content") or {}
    if attachment.get("contentType") != CARD or content.get("type") != "AdaptiveCard":
        raise Refused(400, "Unknown attachment")
    if content.get("version") not in ("1.0", "1.1", "1.2", "1.3"):
        raise Refused(400, "Unsupported card version")
    for inner in (one for one in walk(content) if one["type"] == "AdaptiveCard"):
        if len(inner.get("actions") or ()) > ACTIONS_IN_A_CARD:
            raise Refused(400, "Cards may include up to five buttons")
    for element in walk(content):
        _require_element(element)


def walk(value: Any) -> list[Json]:
    """Everything in a card that has a type."""
    if isinstance(value, list):
        return [found for one in value for found in walk(one)]
    if not isinstance(value, dict):
        return []
    inner = [found for name, one in value.items() if name != "data" for found in walk(one)]
    return [value, *inner] if "type" in value else inner


def _require_element(element: Json) -> None:
    kind = element["type"]
    if kind in NEWER:
        raise Refused(400, f"{kind} is newer than 1.3")
    if kind not in ELEMENTS | INPUTS | ACTIONS | {"AdaptiveCard"}:
        raise Broken(f"no such element in a card: {kind}")
    if kind in INPUTS and not (element.get("id") and element.get("label")):
        raise Broken(f"{kind} without an id or a label")
    if kind == "Input.ChoiceSet" and not all(set(one) == {"title", "value"} for one in element["choices"]):
        raise Broken("a choice is a title and a value")
    if kind in ACTIONS and (not element.get("title") or element.get("style", "default") not in STYLES):
        raise Broken(f"{kind} without a title, or with an unknown style")
