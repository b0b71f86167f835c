"""What Webex made of a text → what was typed to the bot."""

import re
from base64 import b64decode
from binascii import Error
from html.parser import HTMLParser

from bot.chat.webex.calls import Identity
from bot.chat.webex.cards import Json

BREAKS = frozenset({"br", "p", "div", "li", "pre", "blockquote"})
MENTION = "spark-mention"
_SPACES = re.compile(r"[ \t\u00a0]+")
_LINES = re.compile(r"\s*\n\s*")


def typed(message: Json, bot: Identity) -> str:
    """The bot's name goes wherever it stands; who else is mentioned keeps theirs."""
    html, text = message.get("html"), message.get("text")
    if isinstance(html, str) and MENTION in html:
        reader = _Reader(bot)
        reader.feed(html)
        reader.close()
        return _tidy("".join(reader.said))
    plain = text if isinstance(text, str) else ""
    return _tidy(_without_name(plain, bot) if mentions(message, bot) else plain)


def mentions(message: Json, bot: Identity) -> bool:
    people = message.get("mentionedPeople")
    return isinstance(people, list) and bot.id in people


def same_person(one: str, other: str) -> bool:
    return bool(one) and bare(one) == bare(other)


def bare(identity: str) -> str:
    """Webex writes an id as it is, or packed into base64 with its kind before it."""
    try:
        unpacked = b64decode(identity + "=" * (-len(identity) % 4), validate=True).decode()
    except (Error, ValueError):
        return identity
    return unpacked.rpartition("/")[2] if unpacked.startswith("ciscospark://") else identity


class _Reader(HTMLParser):
    def __init__(self, bot: Identity) -> None:
        super().__init__(convert_charrefs=True)
        self._bot = bot
        self._mention: str | None = None
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == MENTION:
            self._mention = dict(attrs).get("data-object-id") or ""
        elif tag in BREAKS:
            self.said.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == MENTION:
            self._mention = None
        elif tag in BREAKS:
            self.said.append("\n")

    def handle_data(self, data: str) -> None:
        if self._mention is None:
            self.said.append(data)
        elif not same_person(self._mention, self._bot.id):
            self.said.append(f"@{data.removeprefix('@')}")


def _without_name(text: str, bot: Identity) -> str:
    """Where Webex told no places: the first that looks like the name. The longest name first, it may hold another."""
    for name in sorted(bot.names, key=len, reverse=True):
        left, count = re.subn(rf"(?<!\w)@?{re.escape(name)}(?!\w)", " ", text, count=1, flags=re.IGNORECASE)
        if count:
            return left
    return text


def _tidy(text: str) -> str:
    lines = _LINES.sub("\n", text.strip())
    return _SPACES.sub(" ", lines).strip().removeprefix(",").removeprefix(":").strip()
