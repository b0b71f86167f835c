"""A team's own words for the title of a notice: text with named placeholders, and nothing that could be carried out.

What is put in is cut, in one line, and not read again: a commit cannot bring placeholders of its own. Each platform
escapes the whole like any other title.
"""

import re
from typing import Any

from msgspec.structs import replace

from bot.core.catalogue import Happening
from bot.core.events import Event
from bot.core.model import Reply
from bot.core.nearest import nearest
from bot.core.outside import line
from bot.core.placeholders import SERVICE, TITLE, Placeholder, noun, usable
from bot.core.routes import happening, service_of
from bot.core.words import clip

LONGEST, LONGEST_TITLE, LONGEST_VALUE = 200, 300, 80
_PIECE = re.compile(r"\{\{|\}\}|\{([^{}|]*)(?:\|([^{}]*))?\}|[{}]")
_DOUBLED = {"{{": "{", "}}": "}"}


def retitled(reply: Reply, event: Event, text: str) -> Reply:
    """The same notice under a title of the team's own; under its usual one where nothing is left of that."""
    known, about = usable(happening(event)), noun(event)
    given = {TITLE: reply.title, SERVICE: service_of(event)}

    def put_in(piece: re.Match[str]) -> str:
        name, instead = piece[1], piece[2]
        placeholder = known.get(name or "")
        if placeholder is None:
            return _DOUBLED.get(piece[0], piece[0])
        most = LONGEST_TITLE if name == TITLE else LONGEST_VALUE
        value = line(given.get(name) if name in given else placeholder.read(about), most)
        return value or (placeholder.missing if instead is None else instead)

    title = line(_PIECE.sub(put_in, text), LONGEST_TITLE)
    return replace(reply, title=title) if title else reply


def objection(kind: Happening, text: str) -> str:
    """What it should be instead, where this cannot be said of that kind of event; else nothing."""
    if not text.isprintable() or len(text) > LONGEST:
        return f"one line of at most {LONGEST} letters"
    known = usable(kind)
    for piece in _PIECE.finditer(text):
        if piece[0] not in _DOUBLED and piece[1] not in known:
            return f"text for {kind} events: {_stray(piece, known)} It may hold {_listed(known)}"
    return ""


def _stray(piece: re.Match[str], known: dict[str, Placeholder[Any]]) -> str:
    written, name = piece[0], piece[1]
    if name is None:
        return f"a {written} that is meant as such is written {written * 2}."
    close = nearest(name[:64], known, most=1) if name else []
    return f"there is no {clip(written)}" + (f"; did you mean {{{close[0]}}}?" if close else ".")


def _listed(known: dict[str, Placeholder[Any]]) -> str:
    return ", ".join(f"{{{name}}}" for name in known)
