"""What Slack made of a text → what was typed."""

import re
from collections.abc import Callable

NAMED = 5

Name = Callable[[str], str]

_SPECIAL = re.compile(r"<([^<>]+)>")
_QUOTED = re.compile(r"(```|`)([^`]*)\1")
_CODE = re.compile(r"(?<!\S)`([^`\s]+)`(?!\S)")
_GREETING = r"(?:(?:hey|hi|hello|ok)[,!]?\s+)?"


def typed(text: str, name: Name) -> str:
    """`name` gives the name of a person by the id, for mentions that carry none."""
    few = _few(name)
    plain = _SPECIAL.sub(lambda found: _meant(found[1], few), text)
    plain = plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()
    quoted = _QUOTED.fullmatch(plain)
    return quoted[2].strip() if quoted else _CODE.sub(r"\1", plain)


def after_mention(text: str, bot: str) -> str:
    """The order that follows the bot's own name. Anywhere else the name is part of a sentence, and stays."""
    called = rf"<@{re.escape(bot)}(?:\|[^<>]*)?>[:,]?\s*"
    return re.sub(rf"^\s*{_GREETING}(?:{called})+", "", text, count=1, flags=re.IGNORECASE)


def _few(name: Name) -> Name:
    """No order names more people, and each of them has to be asked for."""
    named: set[str] = set()

    def known(user: str) -> str:
        if user not in named and len(named) == NAMED:
            return user
        named.add(user)
        return name(user)

    return known


def _meant(inside: str, name: Name) -> str:
    body, _, label = inside.partition("|")
    match body[:1]:
        case "@":
            return f"@{label or name(body[1:])}"
        case "#":
            return f"#{label or body[1:]}"
        case "!":
            return label if label else _announced(body[1:])
        case _:
            return label or body.removeprefix("mailto:")


def _announced(body: str) -> str:
    """`<!here>` and the like: without its label a group has nothing but its id."""
    kind, _, rest = body.partition("^")
    return f"@{rest or kind}"
