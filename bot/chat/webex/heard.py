"""A webhook of Webex's → what there is to ask for. It carries ids alone; what they name is asked for."""

import json
from typing import Any

from msgspec import Struct

MESSAGES, ACTIONS = "messages", "attachmentActions"
LONGEST_ID = 512


class Heard(Struct, frozen=True):
    """`id` is the message's or the press's own, the same however often it is delivered."""

    resource: str
    id: str
    room: str
    person: str


def heard(raw: bytes) -> Heard | None:
    """None for what is nothing of ours, and for what is no webhook at all."""
    try:
        payload = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    data = payload.get("data") if isinstance(payload, dict) else None
    if not isinstance(data, dict) or payload.get("event") != "created":
        return None
    resource = payload.get("resource")
    if resource not in (MESSAGES, ACTIONS):
        return None
    found = [_id(data.get(key)) for key in ("id", "roomId", "personId")]
    return Heard(resource, *found) if all(found) else None


def _id(value: Any) -> str:
    """Ids go into addresses, so nothing else may."""
    fine = isinstance(value, str) and len(value) <= LONGEST_ID and value.isascii() and _plain(value)
    return value if fine else ""


def _plain(value: str) -> bool:
    return all(character.isalnum() or character in "-_=" for character in value)
