"""What Slack itself would object to in a message, and what could come out of it as more than text."""

import re
from collections.abc import Iterator
from typing import Any

from bot.chat.slack.blocks import Rendered

Json = dict[str, Any]

ENTITY = re.compile(r"&(?:amp|lt|gt);")
CODE = re.compile(r"```\n(.*)\n```|`([^`]*)`", re.DOTALL)
STATE = re.compile(r"[a-z ]{1,40} · <!date\^\d+\^\{time_secs\}\|\d\d:\d\d:\d\d UTC>")
MOST = {"header": 150, "section": 3_000, "field": 2_000, "context": 2_000, "button": 75, "value": 2_000, "confirm": 300}
ALTOGETHER = 10_500


def objections(said: Rendered) -> list[str]:
    """The limits of Slack's documents, and the one of all blocks together that is in none."""
    found = [f"{what} of {len(text)}" for what, text in _texts(said.blocks) if not 1 <= len(text) <= MOST[what]]
    if len(said.blocks) > 50:
        found.append(f"{len(said.blocks)} blocks")
    if len(said.text) > 4_000:
        found.append(f"a text of {len(said.text)}")
    if (size := sum(len(text) for _, text in _texts(said.blocks))) > ALTOGETHER:
        found.append(f"{size} letters")
    for block in said.blocks:
        found += [
            f"{len(block[key])} {key}"
            for key, most in (("fields", 10), ("elements", 25))
            if len(block.get(key, ())) > most
        ]
    return found


def markup(said: Rendered) -> list[str]:
    """Whatever is not plain text, not code, and not the one line of ours that holds a date."""
    found = [said.text] if _escapes(said.text) else []
    for element in _elements([*said.blocks, *(b for a in said.attachments for b in a["blocks"])]):
        if element["type"] == "mrkdwn":
            code = CODE.fullmatch(element["text"])
            inside = (code[1] or code[2] or "") if code else ""
            if not STATE.fullmatch(element["text"]) and (not code or "```" in inside or _escapes(inside)):
                found.append(element["text"])
            if element.get("verbatim") is not True:
                found.append("not verbatim")
        elif element.get("emoji") is not False:
            found.append("emoji")
    return found


def _escapes(text: str) -> bool:
    return "<" in text or ">" in text or "&" in ENTITY.sub("", text)


def _elements(found: Any) -> Iterator[Json]:
    """Every text object, wherever it is."""
    if isinstance(found, list):
        for one in found:
            yield from _elements(one)
    elif isinstance(found, dict):
        if found.get("type") in ("plain_text", "mrkdwn"):
            yield found
        else:
            yield from _elements(list(found.values()))


def _texts(blocks: list[Json]) -> Iterator[tuple[str, str]]:
    for block in blocks:
        if "text" in block:
            yield block["type"], block["text"]["text"]
        yield from (("field", field["text"]) for field in block.get("fields", ()))
        if block["type"] == "rich_text":
            yield from (("field", part["text"]) for section in block["elements"] for part in section["elements"])
            continue
        for element in block.get("elements", ()):
            yield from _button(element) if element["type"] == "button" else [("context", element["text"])]


def _button(button: Json) -> Iterator[tuple[str, str]]:
    yield "button", button["text"]["text"]
    yield "value", button["value"]
    if "confirm" in button:
        yield "confirm", button["confirm"]["text"]["text"]
